"""The fields of a container's configuration, as create, update and commit take them.

An unknown field is refused before anything is sent, so these lists are also the allow-list of what can
reach an Engine. `since` is the first API version that knows a field, `until` the last one that acts on it.
"""

from __future__ import annotations

from dockerui.engine.operation import Kind, Param, body

CONFIG: tuple[Param, ...] = (
    body("Hostname", doc="Host name inside the container"),
    body("Domainname", doc="Domain name inside the container"),
    body("User", doc="`user[:group]`, names or numbers"),
    body("AttachStdin", "bool", "Attach standard input"),
    body("AttachStdout", "bool", "Attach standard output"),
    body("AttachStderr", "bool", "Attach standard error"),
    body("ExposedPorts", "map", '`{"80/tcp": {}}`'),
    body("Tty", "bool", "Allocate a pseudo-TTY; output is then one raw stream"),
    body("OpenStdin", "bool", "Keep standard input open"),
    body("StdinOnce", "bool", "Close standard input after the first client left"),
    body("Env", "list", "`NAME=value`; without `=`: unset"),
    body("Cmd", "any", "Command, a list or one string"),
    body("Healthcheck", "object", "How to tell whether the container is healthy"),
    body("Healthcheck.Test", "list", "`[]` inherit, `NONE`, `CMD args…` or `CMD-SHELL command`"),
    body("Healthcheck.Interval", "int", "Between probes, in nanoseconds"),
    body("Healthcheck.Timeout", "int", "Of one probe, in nanoseconds"),
    body("Healthcheck.Retries", "int", "Failures in a row until unhealthy"),
    body("Healthcheck.StartPeriod", "int", "Grace after start, in nanoseconds", since="1.29"),
    body("Healthcheck.StartInterval", "int", "Between probes in the grace, in nanoseconds", since="1.44"),
    body("ArgsEscaped", "bool", "The command is escaped already (Windows)"),
    body("Image", doc="Image reference or id"),
    body("Volumes", "map", '`{"/data": {}}`: anonymous volumes'),
    body("WorkingDir", doc="Working directory of the command"),
    body("Entrypoint", "any", "Entry point, a list or one string"),
    body("NetworkDisabled", "bool", "No network at all"),
    body("MacAddress", doc="MAC address; newer Engines want it per network", until="1.51"),
    body("OnBuild", "list", "ONBUILD instructions of the image"),
    body("Labels", "map", "Labels, text to text"),
    body("StopSignal", doc="Signal of a stop, such as SIGTERM"),
    body("StopTimeout", "int", "Seconds between stop and kill", since="1.25"),
    body("Shell", "list", "Shell for RUN, CMD and ENTRYPOINT in shell form"),
)

_RESOURCES: tuple[tuple[str, Kind, str, str | None, str | None], ...] = (
    ("CpuShares", "int", "Relative CPU weight", None, None),
    ("Memory", "int", "Memory limit in bytes, 0 is none", None, None),
    ("CgroupParent", "str", "Parent cgroup", None, None),
    ("BlkioWeight", "int", "Relative block I/O weight, 10 to 1000, 0 is default", None, None),
    ("BlkioWeightDevice", "array", "`[{Path, Weight}]`", None, None),
    ("BlkioDeviceReadBps", "array", "`[{Path, Rate}]`, bytes a second", None, None),
    ("BlkioDeviceWriteBps", "array", "`[{Path, Rate}]`, bytes a second", None, None),
    ("BlkioDeviceReadIOps", "array", "`[{Path, Rate}]`, operations a second", None, None),
    ("BlkioDeviceWriteIOps", "array", "`[{Path, Rate}]`, operations a second", None, None),
    ("CpuPeriod", "int", "CFS period in microseconds", None, None),
    ("CpuQuota", "int", "CPU microseconds per period", None, None),
    ("CpuRealtimePeriod", "int", "Real-time period in microseconds", "1.25", None),
    ("CpuRealtimeRuntime", "int", "Real-time runtime in microseconds", "1.25", None),
    ("CpusetCpus", "str", "CPUs, such as 0-2,4", None, None),
    ("CpusetMems", "str", "Memory nodes, such as 0,1", None, None),
    ("Devices", "array", "`[{PathOnHost, PathInContainer, CgroupPermissions}]`", None, None),
    ("DeviceCgroupRules", "list", "Rules such as `c 13:* rwm`", "1.28", None),
    ("DeviceRequests", "array", "Devices by driver or capability (GPUs)", "1.40", None),
    ("KernelMemory", "int", "Kernel memory limit in bytes", None, "1.41"),
    ("KernelMemoryTCP", "int", "TCP buffer limit in bytes", "1.40", "1.41"),
    ("MemoryReservation", "int", "Soft memory limit in bytes", None, None),
    ("MemorySwap", "int", "Memory and swap together in bytes, -1 is unlimited", None, None),
    ("MemorySwappiness", "int", "0 to 100", None, None),
    ("NanoCpus", "int", "CPU limit in billionths of a CPU", "1.25", None),
    ("OomKillDisable", "bool", "Do not kill on out of memory", None, None),
    ("Init", "bool", "Run an init that forwards signals and reaps", "1.25", None),
    ("PidsLimit", "int", "Processes at most, 0 or -1 is unlimited", None, None),
    ("Ulimits", "array", "`[{Name, Soft, Hard}]`", None, None),
    ("CpuCount", "int", "CPUs (Windows)", "1.25", None),
    ("CpuPercent", "int", "CPU percentage (Windows)", None, None),
    ("IOMaximumIOps", "int", "I/O operations a second (Windows)", None, None),
    ("IOMaximumBandwidth", "int", "I/O bytes a second (Windows)", None, None),
)

_HOST: tuple[tuple[str, Kind, str, str | None, str | None], ...] = (
    ("Binds", "list", "`source:target[:options]`", None, None),
    ("ContainerIDFile", "str", "File to write the id to (the CLI's own)", None, None),
    ("LogConfig", "object", "Log driver", None, None),
    ("LogConfig.Type", "str", "Driver name, such as json-file, local, journald, none", None, None),
    ("LogConfig.Config", "map", "Driver options", None, None),
    ("NetworkMode", "str", "bridge, host, none, container:<id> or a network", None, None),
    ("PortBindings", "map", '`{"80/tcp": [{HostIp, HostPort}]}`', None, None),
    ("RestartPolicy", "object", "What to do when it exits", None, None),
    ("RestartPolicy.Name", "str", "no, always, unless-stopped or on-failure", None, None),
    ("RestartPolicy.MaximumRetryCount", "int", "Tries of on-failure", None, None),
    ("AutoRemove", "bool", "Remove when it exits", "1.25", None),
    ("VolumeDriver", "str", "Driver for volumes made here", None, None),
    ("VolumesFrom", "list", "`container[:ro|rw]`", None, None),
    ("Mounts", "array", "`[{Type, Source, Target, ReadOnly, …}]`", "1.25", None),
    ("ConsoleSize", "array", "`[height, width]` of the first terminal", None, None),
    ("Annotations", "map", "For the runtime, text to text", "1.43", None),
    ("CapAdd", "list", "Capabilities to add", None, None),
    ("CapDrop", "list", "Capabilities to drop", None, None),
    ("CgroupnsMode", "str", "private or host", "1.41", None),
    ("Dns", "list", "DNS servers", None, None),
    ("DnsOptions", "list", "DNS options", None, None),
    ("DnsSearch", "list", "DNS search domains", None, None),
    ("ExtraHosts", "list", "`name:address`", None, None),
    ("GroupAdd", "list", "Further groups of the process", None, None),
    ("IpcMode", "str", "none, private, shareable, host or container:<id>", None, None),
    ("Cgroup", "str", "Cgroup to use", None, None),
    ("Links", "list", "`container:alias`", None, None),
    ("OomScoreAdj", "int", "-1000 to 1000", None, None),
    ("PidMode", "str", "host or container:<id>", None, None),
    ("Privileged", "bool", "All devices and capabilities of the host", None, None),
    ("PublishAllPorts", "bool", "Publish all exposed ports on free ones", None, None),
    ("ReadonlyRootfs", "bool", "Root file system read-only", None, None),
    ("SecurityOpt", "list", "SELinux, AppArmor, seccomp, no-new-privileges", None, None),
    ("StorageOpt", "map", "Storage driver options", None, None),
    ("Tmpfs", "map", '`{"/run": "size=64m"}`', None, None),
    ("UTSMode", "str", "host for the host's name space", None, None),
    ("UsernsMode", "str", "host to leave the user name space", None, None),
    ("ShmSize", "int", "Size of /dev/shm in bytes", None, None),
    ("Sysctls", "map", "Kernel parameters, text to text", None, None),
    ("Runtime", "str", "OCI runtime", None, None),
    ("Isolation", "str", "default, process or hyperv (Windows)", None, None),
    ("MaskedPaths", "list", "Paths hidden from the container", "1.38", None),
    ("ReadonlyPaths", "list", "Paths read-only in the container", "1.38", None),
)


def _fields(
    table: tuple[tuple[str, Kind, str, str | None, str | None], ...], prefix: str = ""
) -> tuple[Param, ...]:
    return tuple(
        body(prefix + name, kind, doc, since=since, until=until) for name, kind, doc, since, until in table
    )


CREATE: tuple[Param, ...] = (
    *CONFIG,
    body("HostConfig", "object", "What depends on the host"),
    *_fields(_RESOURCES, "HostConfig."),
    *_fields(_HOST, "HostConfig."),
    body("NetworkingConfig", "object", "Networks to join"),
    body("NetworkingConfig.EndpointsConfig", "map", "Network name to its settings; several since API 1.44"),
)

# Of the resources an Engine changes only these in an update, and silently ignores the others.
_UPDATABLE = (
    *("BlkioWeight", "CpuPeriod", "CpuQuota", "CpuRealtimePeriod", "CpuRealtimeRuntime", "CpuShares"),
    *("CpusetCpus", "CpusetMems", "KernelMemory", "Memory", "MemoryReservation", "MemorySwap"),
    *("NanoCpus", "PidsLimit"),
)
_UPDATABLE_SINCE = {"NanoCpus": "1.28", "PidsLimit": "1.40"}

UPDATE: tuple[Param, ...] = (
    *(
        body(name, kind, doc, since=_UPDATABLE_SINCE.get(name, since), until=until)
        for name, kind, doc, since, until in _RESOURCES
        if name in _UPDATABLE
    ),
    body("RestartPolicy", "object", "What to do when it exits"),
    body("RestartPolicy.Name", doc="no, always, unless-stopped or on-failure"),
    body("RestartPolicy.MaximumRetryCount", "int", "Tries of on-failure"),
)
