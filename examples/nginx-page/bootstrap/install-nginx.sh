#!/bin/sh
# Runs inside the new image: an ordinary package installation.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -y -q --no-install-recommends nginx-light
apt-get clean
rm -rf /var/lib/apt/lists/*
