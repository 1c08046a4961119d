#!/bin/sh
# Starts the application that lies beside this script as a service, and waits until it is healthy.
# Portable: needs Node.js, curl and, where systemd runs, systemctl. Run twice, it changes nothing the second time.
#
# Reads: APP_ENTRY, APP_ENVIRONMENT (file of NAME=value lines), APP_HEALTH_URL, APP_HEALTH_TIMEOUT_S
set -eu

here=$(cd "$(dirname "$0")" && pwd)
node=$(command -v node-24 || command -v node)

id app >/dev/null 2>&1 || useradd --system --no-create-home --shell /sbin/nologin app

cat >/etc/systemd/system/app.service <<UNIT
[Unit]
Description=Application of the fleet
After=network-online.target
Wants=network-online.target

[Service]
User=app
WorkingDirectory=$here
EnvironmentFile=$APP_ENVIRONMENT
ExecStart=$node $here/$APP_ENTRY
Restart=always
RestartSec=1
LimitNOFILE=65536
NoNewPrivileges=true
ProtectSystem=strict
ProtectHome=true
PrivateTmp=true

[Install]
WantedBy=multi-user.target
UNIT

systemctl daemon-reload
systemctl enable app.service
systemctl restart app.service

waited=0
until curl --silent --fail --max-time 2 --output /dev/null "$APP_HEALTH_URL"; do
  waited=$((waited + 1))
  if [ "$waited" -ge "$APP_HEALTH_TIMEOUT_S" ]; then
    echo "the application was not healthy within $APP_HEALTH_TIMEOUT_S seconds" >&2
    journalctl --unit app.service --no-pager --lines 50 >&2 || true
    exit 1
  fi
  sleep 1
done
