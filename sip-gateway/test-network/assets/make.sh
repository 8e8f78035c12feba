#!/bin/sh
# Makes the talking clock's words: 8 kHz A-law without a header. Needs espeak-ng and sox.
set -e
cd "$(dirname "$0")"
say() { # FILE TEXT
    espeak-ng -v en-us -s 160 -w "$1.wav" "$2"
    sox "$1.wav" -r 8000 -c 1 -t al "$1.al" \
        silence 1 0.02 0.5% reverse silence 1 0.02 0.5% reverse
    rm "$1.wav"
}
say intro "This is the test network of Trubka. The time is"
say universal "universal time"
n=0
for word in zero one two three four five six seven eight nine; do
    say "$n" "$word"
    n=$((n + 1))
done
