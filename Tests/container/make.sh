# What an operator does with make and a .env, in the copy of the project. Sourced by Tests/container/run.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2016 # set by Tests/container/run; expanded by eval

unset API_PORT UPSTREAM_PORT TARDIS_API_KEY
token=a-token-of-the-team
port=$(free_port)
url=http://127.0.0.1:$port
here() { (cd "$copy" && "$@" >"$copy/said" 2>&1); }
said() { grep -q "$1" "$copy/said"; }
answers() { [[ $(curl -s -o "$copy/answer" -w '%{http_code}' -H "X-API-Token: ${3:-}" \
    -H "X-Username: $2" "$url/jobs") == "$1" ]]; }

echo "With make, and a .env"
# As editors of all kinds write it; only its owner, who is not the container's user, may read it.
printf '\xEF\xBB\xBF# The team'"'"'s own\r\n  api_token = %s # don'"'"'t show\r\n%s\r\n' "$token" \
    "export API_PORT=$port"$'\r\nAPI_ADDRESS="127.0.0.1"\r\nTARDIS_API_URL=http://127.0.0.1:9/v1' \
    >"$copy/.env"
chmod 600 "$copy/.env"
check "make start takes the image and the .env" here .make/start --as-built
check "it says where the service is" said "$url/"
check "without the token nothing is answered" answers 401 alice
check "with the token of .env it is" answers 200 alice "$token"
service=$(cd "$copy" && .make/container --running)
check "the token is in nothing that the engine tells" fails grep -q "$token" \
    <("$engine" inspect "$service")
check "the token is in no environment" fails inside sh -c "grep -q $token /proc/1/environ"
check "only the container's user can read the settings" test \
    "$(stat -c %a "$copy/.settings/.env")" = 600
check "the client inside has the token" here .make/inside download-client submit --user alice \
    --exchange binance --symbols BTCUSDT --start-date 2024-01-01 --end-date 2024-01-01
check "the database is backed up" here .make/backup-db
check "its backups lie where people look" test -n "$(ls "$copy"/data/backups/downloads-*.db)"
check "no backup is brought back while the container runs" fails here .make/restore-db
check "which says what to do" said 'make stop'

# Another disk would be named in the same way.
printf 'ALLOWED_USERS=bob\nBACKUPS_VOLUME=%s/elsewhere\n' "$copy" >>"$copy/.env"
check "make restart takes a changed .env" here .make/start --as-built
check "so that another may" answers 200 bob "$token"
check "and who was left out may not" answers 403 alice "$token"
check "backups go where .env says" here .make/backup-db
check "that is, there" test -n "$(ls "$copy"/elsewhere/downloads-*.db)"
echo "API_TOKEN='half" >>"$copy/.env"
check "a mistake in .env is a failure" fails here .make/start --as-built
check "which is named, without a value" said '.env line 8: API_TOKEN'
check "and the service works on" answers 200 bob "$token"
sed -i '$d' "$copy/.env"

check "make stop ends" here .make/stop
check "it leaves no container" test -z "$(cd "$copy" && .make/container --any)"
echo damaged >"$copy/data/downloads.db"
check "a backup that is not there is a failure" fails here .make/restore-db data/nothing.db
check "after make stop the newest backup comes back" here .make/restore-db
check "the former database is kept" test -n "$(ls "$copy"/data/downloads.db.broken-*)"
check "the service starts on it" here .make/start --as-built
check "the job is there" eval 'answers 200 bob "$token" && grep -q BTCUSDT "$copy/answer"'
check "it stops again" here .make/stop
# shellcheck disable=SC2012 # names of our own
backup=$(cd "$copy" && ls -t elsewhere/downloads-*.db | head -n 1)
check "a backup may be named as it lies here" here .make/restore-db "$backup"

# Without a container, but with the image there: the program of the image, where it runs here.
mkdir -p "$copy/.build/release"
"$engine" run --rm download-service cat /usr/local/bin/download-service \
    >"$copy/.build/release/download-service"
chmod +x "$copy/.build/release/download-service"
if "$copy/.build/release/download-service" --version >/dev/null 2>&1; then
    chown -R "$(id -u):$(id -g)" "$copy/data"
    check "where make run was last, a backup comes back without a container" here .make/restore-db
    check "and belongs to who runs it" test -O "$copy/data/downloads.db"
else
    echo "skipped: the program of the image does not run here"
fi
rm -r "$copy/.build"

check "plain compose with a .env that it cannot read starts, but serves nobody" eval \
    'here .make/compose -f docker-compose.yml up -d --no-build; fails within 5 answers 200 bob'
check "since the service refuses to run without it" within 20 eval \
    '(cd "$copy" && .make/container logs 2>&1) | grep -q "\.env: cannot be read"'
here .make/stop
chmod 644 "$copy/.env"
here .make/compose -f docker-compose.yml up -d --no-build
check "and with one that it can read takes it" within 20 answers 200 bob "$token"
check "token and all" answers 401 bob
here .make/stop

mkdir "$copy/secrets"
printf '%s\n' "$token" >"$copy/secrets/api_token"
((EUID != 0)) || chown 10001 "$copy/secrets/api_token"
chmod 400 "$copy/secrets/api_token"
cat >"$copy/docker-compose.override.yml" <<'YAML'
services:
  download-service:
    environment:
      API_TOKEN_FILE: /run/secrets/api_token
    secrets: [api_token]
secrets:
  api_token:
    file: ./secrets/api_token
YAML
sed -i /api_token/d "$copy/.env"
check "a secret may come from a file" here .make/start --as-built
check "which counts" answers 401 bob
check "as it stands in a variable" answers 200 bob "$token"
check "and the client inside has it" here .make/inside download-client list --user bob
here .make/stop
