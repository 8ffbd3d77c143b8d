#!/bin/sh
# Brings pyshim.h and pyshim.c of a release into a project, after a look at their sums.
#
#     sh vendor.sh FROM SUMS DIR
#
# FROM is where the release's files are, a folder or an address. SUMS is a file of the project with two
# lines of the release's SHA256SUMS, those of pyshim.h and pyshim.c. DIR gets the two files. Where
# anything is wrong, DIR stays as it was.
set -eu
if [ $# -ne 3 ]; then
    echo "usage: sh vendor.sh FROM SUMS DIR" >&2
    exit 2
fi
from=$1 sums=$2 folder=$3

mkdir -p "$folder"
new=$(mktemp -d "$folder/new.XXXXXX")
trap 'rm -rf "$new"' EXIT
for name in pyshim.h pyshim.c; do
    # A list without one of them would let that one in unseen.
    if ! grep "^[0-9a-f]\{64\}  $name\$" "$sums" >>"$new/sums"; then
        echo "vendor.sh: $sums has no sum of $name" >&2
        exit 1
    fi
    case $from in
        http://* | https://*) curl --fail --silent --show-error --location --output "$new/$name" "$from/$name" ;;
        *) cp "$from/$name" "$new/$name" ;;
    esac
done
if command -v sha256sum >/dev/null; then
    check="sha256sum -c sums"
else
    check="shasum -a 256 -c sums"
fi
if ! (cd "$new" && $check >&2); then
    echo "vendor.sh: what is in $from is not what $sums says; $folder is as it was" >&2
    exit 1
fi
mv "$new/pyshim.h" "$new/pyshim.c" "$folder"
