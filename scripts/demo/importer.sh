#!/bin/sh
# Fails after a second; its restart policy starts it again and again.
echo "importing catalogue"
sleep 1
echo "fatal: catalogue.csv: no such file" >&2
exit 3
