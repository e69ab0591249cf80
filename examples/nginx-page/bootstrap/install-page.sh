#!/bin/sh
# Runs inside the new image: puts the page in its place and checks the configuration.
set -eu
sed "s|@GREETING@|$GREETING|" page.html >/var/www/html/index.html
rm -f /var/www/html/index.nginx-debian.html
nginx -t
