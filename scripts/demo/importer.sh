#!/bin/sh
# Fails after some seconds; its restart policy starts it again and again.
echo "importing catalogue"
sleep 4
echo "fatal: catalogue.csv: no such file" >&2
exit 3
