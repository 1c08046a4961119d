#!/bin/bash
# Becomes systemd, as the first process of a machine, in namespaces that `unshare` has made for it.
#
# Reads: the machine's folder, the folder of a Debian, Node.js, and the folder of the AWS CLI's modules
set -eu
folder=$1 debian=$2 node=$3 modules=$4

if [ "${5-}" = '' ]; then
  # /proc is still the one of outside.
  read -r pid _ </proc/self/stat
  echo "$pid" >"$folder/pid"
  mount --make-rprivate /
  # systemd takes the control group that it begins in for the root of all.
  mount -t cgroup2 none "$folder/cgroup"
  mkdir "$folder/cgroup/$(basename "$folder")"
  echo 0 >"$folder/cgroup/$(basename "$folder")/cgroup.procs"
  umount "$folder/cgroup"
  exec unshare --cgroup bash "$0" "$@" inside
fi

root=$folder/root
mount -t overlay overlay -o "lowerdir=$debian,upperdir=$folder/upper,workdir=$folder/work" "$root"
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
touch "$root/dev/console"
mkdir "$root/dev/pts" "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
touch "$root/usr/bin/node-24"
mount --bind -o ro "$node" "$root/usr/bin/node-24"
mkdir "$root/opt/aws-cli"
mount --bind -o ro "$modules" "$root/opt/aws-cli"
chroot "$root" ip link set lo up
# Where every instance finds its metadata.
chroot "$root" ip address add 169.254.169.254/32 dev lo

cd "$root"
pivot_root . mnt
umount -l /mnt
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --unit=basic.target --log-target=console --show-status=no
