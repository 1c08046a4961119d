#!/bin/sh
# Starts the application that lies beside this script as a service, and waits until it is healthy.
# Portable: needs systemd, Node.js, curl and logrotate, and the AWS CLI where there is a lifecycle hook.
# Run twice, it changes nothing the second time.
#
# Reads:
#   APP_ENTRY             file that is started, relative to this script
#   APP_ENVIRONMENT       file of NAME='value' lines; what lies beside it is the application's configuration as well
#   APP_HEALTH_URL        answers 200 while the application lives
#   APP_HEALTH_TIMEOUT_S  seconds until it must
#   APP_DRAIN_S           seconds that the application gets to end its requests
#   APP_LIFECYCLE_HOOK    name of the termination lifecycle hook, empty where there is none
#   AWS_DEFAULT_REGION    region of the instance
set -eu

here=$(cd "$(dirname "$0")" && pwd)
configuration=$(dirname "$APP_ENVIRONMENT")
node=$(command -v node-24 || command -v node)
log=/var/log/app/app.log

# Writes a unit from standard input. Fails where it was the same already.
write_unit() {
  text=$(cat)
  [ "$(cat "/etc/systemd/system/$1" 2>/dev/null)" != "$text" ] || return 1
  printf '%s\n' "$text" >"/etc/systemd/system/$1"
  systemctl daemon-reload
}

# Writes a unit from standard input and has it running: as it was, unless it has changed.
run_unit() {
  if write_unit "$1"; then
    systemctl --quiet enable "$1"
    systemctl restart "$1"
  else
    systemctl start "$1"
  fi
}

# Stands for all files of the folders, so that a unit with it changes when one of them does.
fingerprint() {
  find "$@" -type f -exec sha256sum {} + | LC_ALL=C sort | sha256sum | cut -d ' ' -f 1
}

id app >/dev/null 2>&1 || useradd --system --user-group --no-create-home --shell /sbin/nologin app

cat >"$configuration/logrotate.conf" <<CONF
$log {
  size 50M
  rotate 2
  copytruncate
  missingok
}
CONF

# The application may read what is its own, and change nothing.
for folder in "$here" "$configuration"; do
  chown -R root:app "$folder"
  chmod -R u=rwX,g=rX,o= "$folder"
done
install -d -m 0750 "$(dirname $log)"

# Every minute, because the disk must not fill up in between.
write_unit app-log.service <<UNIT || true
[Unit]
Description=Bounds the log of the application

[Service]
Type=oneshot
ExecStart=$(command -v logrotate) --state /var/lib/app-log/state $configuration/logrotate.conf
StateDirectory=app-log
LogLevelMax=warning
UNIT
run_unit app-log.timer <<UNIT
[Unit]
Description=Bounds the log of the application

[Timer]
OnCalendar=minutely
AccuracySec=1s

[Install]
WantedBy=timers.target
UNIT

# Before the application: an instance that fails to start must not hold up its own termination.
if [ -n "$APP_LIFECYCLE_HOOK" ]; then
  run_unit app-drain.service <<UNIT
[Unit]
Description=Drains the application before Auto Scaling terminates the instance
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0
X-Fingerprint=$(fingerprint "$here/drain.sh")

[Service]
Environment=LIFECYCLE_HOOK=$APP_LIFECYCLE_HOOK
Environment=AWS_DEFAULT_REGION=$AWS_DEFAULT_REGION
ExecStart=/bin/sh $here/drain.sh
Restart=always
RestartSec=5
StandardOutput=append:$log
StandardError=append:$log
NoNewPrivileges=true
ProtectSystem=strict
ProtectHome=true
PrivateTmp=true

[Install]
WantedBy=multi-user.target
UNIT
fi

# In a command of systemd's, these have a meaning of their own.
entry=$(printf '%s' "$here/$APP_ENTRY" | sed -e 's/[\\"]/\\&/g' -e 's/%/%%/g' -e 's/\$/$$/g')

# Everything that systemd can take away, but for two: V8 writes the code that it runs, and Node.js reads the addresses of
# the machine by netlink. The application is started again for ever: who gives up on it is the load balancer. It may end
# its requests by a clock of its own, and is killed a little later.
run_unit app.service <<UNIT
[Unit]
Description=Application of the fleet
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0
X-Fingerprint=$(fingerprint "$here" "$configuration")

[Service]
Type=exec
User=app
Group=app
WorkingDirectory=$here
EnvironmentFile=$APP_ENVIRONMENT
ExecStart=$node "$entry"
Restart=always
RestartSec=1
TimeoutStopSec=$((APP_DRAIN_S + 5))
KillMode=mixed
StandardOutput=append:$log
StandardError=append:$log
LimitNOFILE=65536
UMask=0077
NoNewPrivileges=true
CapabilityBoundingSet=
LockPersonality=true
PrivateDevices=true
PrivateTmp=true
ProtectClock=true
ProtectControlGroups=true
ProtectHome=true
ProtectHostname=true
ProtectKernelLogs=true
ProtectKernelModules=true
ProtectKernelTunables=true
ProtectProc=invisible
ProtectSystem=strict
RemoveIPC=true
RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX
RestrictNamespaces=true
RestrictRealtime=true
RestrictSUIDSGID=true
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service

[Install]
WantedBy=multi-user.target
UNIT

deadline=$(($(date +%s) + APP_HEALTH_TIMEOUT_S))
until curl --silent --fail --max-time 2 --output /dev/null "$APP_HEALTH_URL"; do
  if [ "$(date +%s)" -ge "$deadline" ]; then
    echo "the application was not healthy within $APP_HEALTH_TIMEOUT_S seconds, the end of its log:" >&2
    tail -n 50 "$log" >&2 || true
    exit 1
  fi
  sleep 1
done
