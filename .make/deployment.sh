# What the scripts that put the service into a container have in common. Sourced, not run, in the
# project's folder.
# shellcheck shell=bash

engine=$(.make/compose --engine)
image=download-service
# shellcheck disable=SC2034 # for the scripts
# As stop_grace_period in docker-compose.yml, which podman-compose does not know.
stop_seconds=20
# What compose itself has to know; nothing else is taken from .env but by the service.
compose_names=(API_ADDRESS API_PORT SERVICE_USER DATA_VOLUME DATASETS_VOLUME BACKUPS_VOLUME
    LOGS_VOLUME)

has_image() { [[ -n $engine ]] && "$engine" image inspect "$image" >/dev/null 2>&1; }

# Has the service itself read .env and the environment, in a container of its own, which is the only
# reader that there is: it writes what it has read into .settings/.env, readable for SERVICE_USER
# alone, and prints what compose has to know. Exports that, with what make start has for defaults.
# Where it finds a mistake it says so, and the settings stay as they were.
read_settings() {
    local owner names name value printed pass=() input=/dev/null
    owner="$(id -u):$(id -g)"
    if ((EUID == 0)); then
        # Root gives the container the user of the image (Dockerfile), and the folders with it.
        owner=10001:10001
    elif [[ $engine == podman ]]; then
        # Without root, that is who runs Podman.
        owner=0:0
    fi
    # Only names that the service knows leave the environment, and no value stands in a command.
    names=$(compgen -e |
        grep -ixFf <(sed -nE 's/^#([A-Z_]+)=.*/\1\n\1_FILE/p' .env.example) || true)
    for name in $names; do pass+=(-e "$name"); done
    [[ ! -e .env ]] || input=.env
    mkdir -p .settings
    # The container's user has to come to its file in there, and to nothing else.
    chmod 711 .settings
    # shellcheck disable=SC2016 # expanded inside
    printed=$("$engine" run --rm -i --network none --read-only --tmpfs /tmp --user 0:0 \
        --cap-drop ALL --cap-add CHOWN --cap-add DAC_OVERRIDE --security-opt no-new-privileges \
        -v "$PWD/.settings:/settings" "${pass[@]}" "$image" sh -c '
            umask 077
            rm -f /settings/.env.new
            cat >/tmp/.env && cd /tmp || exit
            download-service config --export $2 >/settings/.env.new || exit
            user=$(download-service config SERVICE_USER) || exit
            user=${user#SERVICE_USER=}
            chown "${user:-$1}" /settings/.env.new && mv /settings/.env.new /settings/.env || exit
            download-service config $3' sh "$owner" "$names" "${compose_names[*]}" <"$input")
    while IFS='=' read -r name value; do
        [[ -z $name ]] || export "$name=$value"
    done <<<"$printed"

    export SETTINGS_FOLDER=./.settings
    export API_ADDRESS=${API_ADDRESS:-0.0.0.0} API_PORT=${API_PORT:-8000}
    export SERVICE_USER=${SERVICE_USER:-$owner}
    export DATA_VOLUME=${DATA_VOLUME:-./data} DATASETS_VOLUME=${DATASETS_VOLUME:-./datasets}
    export LOGS_VOLUME=${LOGS_VOLUME:-./logs}
    local backups=backups
    if is_folder "$DATA_VOLUME"; then backups=${DATA_VOLUME%/}/backups; fi
    export BACKUPS_VOLUME=${BACKUPS_VOLUME:-$backups}
}

# Whether a volume is a folder of the machine, and no name.
is_folder() { [[ $1 == [./~]* ]]; }

# A volume as the engine wants it: as compose would name it, or an absolute path.
volume() {
    # shellcheck disable=SC2088 # compose expands it
    case $1 in
        '~' | '~/'*) echo "$HOME${1#'~'}" ;;
        [./]*) realpath -m "$1" ;;
        *) echo "$(.make/container --project)_$1" ;;
    esac
}
