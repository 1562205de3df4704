#!/bin/sh
# Talks: levels, JSON lines, colours, now and then a stack trace on stderr.
trap 'echo "level=info msg=\"received SIGTERM, bye\""; exit 0' TERM INT
i=0
while :; do
  i=$((i + 1))
  case $((i % 12)) in
    1|2|7) echo "level=info msg=\"request served\" path=/orders/$i status=200 ms=$((i % 37 + 3))" ;;
    3|8) echo "{\"level\":\"info\",\"time\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\",\"msg\":\"order shipped\",\"order\":$i,\"items\":$((i % 5 + 1))}" ;;
    4) echo "level=debug msg=\"cache hit\" key=order:$i" ;;
    5) echo "level=warn msg=\"slow query\" ms=$((i % 400 + 600)) table=orders" >&2 ;;
    6) echo "{\"level\":\"warning\",\"time\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\",\"msg\":\"retrying payment gateway\",\"attempt\":$((i % 3 + 1))}" ;;
    9) printf '\033[32mPASS\033[0m self-check %d of 3, \033[1mqueue depth\033[0m %d\n' $((i % 3 + 1)) $((i % 17)) ;;
    10) echo "level=error msg=\"payment gateway refused\" order=$i code=502" >&2 ;;
    11) printf 'Traceback (most recent call last):\n  File "gateway.py", line %d, in charge\nConnectionError: gateway closed the connection\n' $((i % 90 + 10)) >&2 ;;
    *) echo "{\"level\":\"error\",\"time\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\",\"msg\":\"could not reserve stock\",\"sku\":\"A-$i\"}" >&2 ;;
  esac
  sleep 0.4 &
  wait $!
done
