#!/usr/bin/env bash
# Installs the real servers that the tests start for themselves: PostgreSQL, Postfix, Dovecot, Kannel, and the
# SMPP peer behind Kannel; a telephone, Kamailio as its trunk, and SIPp as the phones behind that; Prosody; a
# Matrix homeserver (Synapse) in .venv/synapse; the browsers they read the pages with; Java, for the second opinion
# in TLA+; what makes a disk whose power can be cut; and what stands in front of three machines.
# Only what is missing is installed; as root, from Debian's packages. `servers.sh patroni` brings Patroni and etcd as
# well, which only the long form of the failover campaign needs.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
[ -x /usr/sbin/bearerbox ] || missing+=(kannel)
[ -x /usr/lib/kannel/test/fakesmsc ] || missing+=(kannel-extras)
command -v baresip >/dev/null || missing+=(baresip-core)
command -v espeak-ng >/dev/null || missing+=(espeak-ng)
command -v sox >/dev/null || missing+=(sox)
[ -x /usr/sbin/kamailio ] || missing+=(kamailio)
command -v sipp >/dev/null || missing+=(sip-tester)
[ -x /usr/sbin/postfix ] || missing+=(postfix)
[ -x /usr/sbin/dovecot ] || missing+=(dovecot-imapd)
[ -x /usr/sbin/haproxy ] || missing+=(haproxy)
[ -x /usr/sbin/ip ] || [ -x /sbin/ip ] || missing+=(iproute2)
[ -x /usr/sbin/mkfs.xfs ] || [ -x /sbin/mkfs.xfs ] || missing+=(xfsprogs)
command -v npm >/dev/null || missing+=(npm)
command -v java >/dev/null || missing+=(default-jre-headless)
command -v chromium >/dev/null || missing+=(chromium)
[ -x /usr/bin/prosody ] || missing+=(prosody)
[ -d /usr/lib/prosody/modules/mod_unified_push ] || missing+=(prosody-modules)
command -v firefox-esr >/dev/null || missing+=(firefox-esr)
command -v w3m >/dev/null || missing+=(w3m)
if [ "${1:-}" = patroni ]; then
    command -v patroni >/dev/null || missing+=(patroni)
    command -v etcd >/dev/null || missing+=(etcd-server)
fi
fc-list 2>/dev/null | grep -q . || missing+=(fontconfig fonts-dejavu-core)

if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "servers: the tests need these Debian packages, which are missing: ${missing[*]}" >&2
        echo "servers: as root: apt-get update && apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # The tests bring their own settings; this machine's mail stays as it is.
    echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
    apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
fi

# The machine's own certificates: behind a company's proxy there are no others that fit, and npm tries for minutes.
export NODE_OPTIONS="${NODE_OPTIONS:-} --use-openssl-ca"
for folder in tests/servers/smsc tests/browser; do
    if [ -f $folder/package-lock.json ] && [ ! $folder/node_modules/.package-lock.json -nt $folder/package-lock.json ]; then
        npm ci --ignore-scripts --no-audit --no-fund --silent --prefix $folder
    fi
done

# Synapse wants other versions of much that Nightlight uses, so it lives apart. What is made is marked at its end.
synapse=.venv/synapse
if [ ! $synapse/.ready -nt requirements-synapse.txt ]; then
    export UV_SYSTEM_CERTS=1
    if [ ! -x .venv/bootstrap/bin/uv ]; then
        echo "servers: Synapse is put in by uv, which \`make setup\` brings: run that first" >&2
        exit 1
    fi
    .venv/bootstrap/bin/uv venv --quiet --clear --python .venv/bin/python $synapse
    .venv/bootstrap/bin/uv pip install --quiet --compile-bytecode --require-hashes \
        --python $synapse/bin/python -r requirements-synapse.txt
    touch $synapse/.ready
fi
