#!/bin/sh
# Takes out of a Debian system what a worker is to see of it: /usr, the tables that programs look things up in, and empty
# folders to mount on. Everything that is for running or changing a system stays behind.
#
#   reduce.sh SYSTEM TARGET
set -eu
system=${1%/}
target=$2

mkdir -p "$target/etc"
# Those with files of their own in them are links of a merged /usr.
for name in bin lib lib32 lib64 libx32 sbin; do
  [ ! -L "$system/$name" ] || cp -a "$system/$name" "$target/$name"
done
cp -a "$system/usr" "$target/usr"
cd "$target"

rm -rf usr/local usr/src usr/games usr/include usr/share/doc usr/share/doc-base usr/share/man usr/share/info usr/share/lintian \
  usr/share/locale usr/share/bash-completion usr/share/zsh usr/share/bug usr/lib/apt usr/lib/dpkg usr/lib/systemd \
  usr/share/initramfs-tools usr/share/keyrings
rm -f usr/bin/apt* usr/bin/dpkg* usr/sbin/*
find usr -xdev -name __pycache__ -prune -exec rm -rf {} +
# What runs with the rights of another user has no place here, whatever forbids it besides.
find usr -xdev -type f -perm /6000 -exec chmod u-s,g-s {} +
# Byte code, which workers cannot write. A library may come with files for other versions of Python, which do not compile.
chroot . /usr/bin/python3 -I -S -m compileall -qq --invalidation-mode unchecked-hash /usr/lib/python3* || true

for path in etc/alternatives etc/ld.so.cache etc/ImageMagick-6 etc/ghostscript etc/fonts etc/papersize var/lib/ghostscript; do
  [ -e "$system/$path" ] || continue
  mkdir -p "$(dirname "$path")"
  cp -a "$system/$path" "$path"
done
echo 'nobody:x:65534:65534:nobody:/tmp:/usr/sbin/nologin' > etc/passwd
echo 'nogroup:x:65534:' > etc/group
for path in etc/hostname etc/hosts etc/resolv.conf; do : > "$path"; done
mkdir -p deps dev in module out proc runner/hanabi_runner sys tmp usr/local
chmod 1777 tmp
