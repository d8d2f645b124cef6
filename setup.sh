#!/usr/bin/env bash
# Makes a Debian or Ubuntu machine ready to build and run the service. A second run finds nothing to
# do and says so.
#
#   ./setup.sh           packages, Swift and .env
#   ./setup.sh --tools   packages and Swift only, without a question: what the Makefile runs first
set -euo pipefail
cd "$(dirname "$0")"

# The libraries that Package.swift names, and what builds, demo and README use besides them.
packages=(
    libsqlite3-dev libcurl4-openssl-dev libisal-dev pkg-config
    ca-certificates curl git gzip make sqlite3
)

# Podman's networks need iptables, which its Debian package only recommends.
if command -v podman >/dev/null; then packages+=(iptables); fi

install_packages() {
    local missing=() package
    if ! command -v dpkg-query >/dev/null; then
        echo "This is no Debian: make sure that these are installed, by your system's names:"
        echo "  ${packages[*]}"
        return
    fi
    for package in "${packages[@]}"; do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
            missing+=("$package")
    done
    if ((${#missing[@]} == 0)); then
        echo "Packages: all there."
        return
    fi
    local as_root=()
    if ((EUID != 0)); then
        if ! command -v sudo >/dev/null; then
            echo "These packages are missing, and there is no sudo. As root, run:" >&2
            echo "  apt-get install ${missing[*]}" >&2
            return 1
        fi
        as_root=(sudo)
    fi
    echo "Packages: installing ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

check_swift() {
    if command -v swift >/dev/null; then
        echo "Swift: $(swift --version 2>/dev/null | grep -o 'Swift version [0-9.]*' | head -n 1)."
        return
    fi
    cat <<'TEXT'
Swift: not found. The service needs Swift 6.3 or newer. To get it:
  curl -O https://download.swift.org/swiftly/linux/swiftly-$(uname -m).tar.gz
  tar zxf swiftly-$(uname -m).tar.gz && ./swiftly init
(https://www.swift.org/install/linux). Without it `make demo` and `make start` run in Docker, where
that is installed.
TEXT
}

# Asks for a value on the terminal and writes it into .env; nothing is written for an empty answer.
# What a secret is typed as is not shown.
ask() {
    local name=$1 question=$2 value silent=()
    case $name in *TOKEN | *KEY) silent=(-s) ;; esac
    read -r "${silent[@]}" -p "$question: " value
    ((${#silent[@]} == 0)) || echo
    [[ -n $value ]] || return 0
    # Between quotation marks where something in it would end it, begin them, or be replaced.
    if [[ $value == *[[:space:]\'\"\\\$\`\#]* ]]; then
        value=${value//\\/\\\\}
        value=${value//\$/\\$}
        value=${value//\`/\\\`}
        value=\"${value//\"/\\\"}\"
    fi
    # The value goes in by the environment of awk, so that no character of it means anything.
    NAME=$name VALUE=$value awk '
        index($0, "#" ENVIRON["NAME"] "=") == 1 { print ENVIRON["NAME"] "=" ENVIRON["VALUE"]; next }
        { print }' .env >.env.new
    mv .env.new .env
}

create_env() {
    # Nothing that holds secrets is ever readable for others, the copy between two answers included.
    umask 077
    if [[ -e .env ]]; then
        local mode
        mode=$(stat -Lc %a .env)
        if ((8#$mode & 077)); then
            chmod 600 .env
            echo ".env: there already; its mode was $mode and is now 600: only its owner may read it."
        else
            echo ".env: there already, left as it is."
        fi
        return
    fi
    rm -f .env.new
    cp .env.example .env.new
    mv .env.new .env
    if [[ -t 0 && -t 1 ]]; then
        echo "Some values for .env. Each may stay empty and be filled in later; keys and tokens are"
        echo "not shown while you type."
        ask TARDIS_API_KEY "Tardis API key (empty: only the first day of each month)"
        ask TELEGRAM_BOT_TOKEN "Telegram bot token (empty: no notifications)"
        ask TELEGRAM_CHAT_ID "Telegram chat id, needed with the token (empty: none)"
        ask ALLOWED_USERS "User names that may use it, with commas (empty: everybody may)"
        echo "Without a token everybody who reaches the port may use the service and its API key."
        ask API_TOKEN "Token that clients must send, 16 characters or more (empty: none)"
    fi
    echo ".env: created from .env.example (mode 600); edit it to change a setting."
}

case ${1:-} in
    --tools | '') ;;
    *)
        echo "Unknown argument: $1" >&2
        exit 64
        ;;
esac
install_packages
check_swift
[[ ${1:-} == --tools ]] || create_env
