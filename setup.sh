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
ask() {
    local name=$1 question=$2 value
    read -r -p "$question (empty: none): " value
    [[ -n $value ]] || return 0
    # The value goes in by the environment of awk, so that no character of it means anything.
    NAME=$name VALUE=$value awk '
        index($0, "#" ENVIRON["NAME"] "=") == 1 { print ENVIRON["NAME"] "=" ENVIRON["VALUE"]; next }
        { print }' .env >.env.new
    cat .env.new >.env
    rm .env.new
}

create_env() {
    if [[ -e .env ]]; then
        echo ".env: there already, left as it is."
        return
    fi
    (umask 077 && cp .env.example .env)
    if [[ -t 0 && -t 1 ]]; then
        echo "Some values for .env. Each may stay empty and be filled in later."
        ask TARDIS_API_KEY "Tardis API key; without one only first days of months can be had"
        ask TELEGRAM_BOT_TOKEN "Telegram bot token, for notifications"
        ask TELEGRAM_CHAT_ID "Telegram chat id, needed with the token"
        ask ALLOWED_USERS "User names that may use the service, with commas"
        ask API_TOKEN "Token that clients must send"
    fi
    echo ".env: created from .env.example; edit it to change a setting."
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
