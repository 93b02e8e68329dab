#!/bin/sh
# Runs in the Containerfile: makes the root file system of the image out of a Debian with Python.
set -eu

# The user of the chart; without a home, a shell and a password.
echo 'sluis:x:10001:' >> /etc/group
echo 'sluis:x:10001:10001:Sluis:/nonexistent:/usr/sbin/nologin' >> /etc/passwd
install -d -o 10001 -g 10001 -m 0700 /var/lib/sluis

# dpkg keeps its database, so that scanners find what is installed; apt is of no use on a read-only root, and
# Perl only of use to installers.
dpkg --purge --force-remove-essential --force-depends apt sqv libapt-pkg7.0 perl-base > /dev/null 2>&1
rm -rf /usr/lib/*/gconv # conversions of character sets for C programs: Python has its own
mkdir -p /usr/share/doc/sluis
dpkg-query -W -f '${db:Status-Status}\t${binary:Package}\t${Version}\t${Architecture}\n' |
  grep '^installed' | cut -f 2- > /usr/share/doc/sluis/debian.tsv

rm -rf /var/lib/apt /var/cache/* /var/log/* /etc/apt /usr/share/locale /usr/share/man /usr/share/info
rm -f /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow-
find /usr/share/doc -type f ! -name copyright ! -name debian.tsv -delete
find /usr/share/doc -type d -empty -delete
find / -xdev -name '__pycache__' -path '/usr/lib/python3*' -prune -exec rm -rf {} +
find / -xdev -type f -perm /6000 -exec chmod ug-s {} + # no process may gain rights
