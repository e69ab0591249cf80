#!/bin/bash
# Runs inside an image baked from request.json: starts the service and asks it for its page.
set -eu
nginx
exec 3<>/dev/tcp/127.0.0.1/80
printf 'GET / HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
answer=$(cat <&3)
printf '%s\n' "$answer" | sed -n '1p; /<h1>/p'
nginx -s quit
case $answer in
    *' 200 OK'*'<h1>'*) ;;
    *)
        echo "the service did not answer with its page" >&2
        exit 1
        ;;
esac
