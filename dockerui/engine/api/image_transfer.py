"""Images on the move: pull, import, push, build, save, load. All are streams of the async client."""

from __future__ import annotations

from dockerui.engine.operation import header, image_ref, operation, query

IMAGE_CREATE = operation(
    "image_create",
    "POST",
    "/images/create",
    query("fromImage", doc="Pull this reference"),
    query("fromSrc", doc="Import from this URL, or `-` for the request body"),
    query("repo", doc="Repository of the imported image"),
    query("tag", doc="Tag or digest; without one here or in the reference all tags are pulled"),
    query("message", doc="Commit message of the import"),
    query("changes", "list", "Dockerfile instructions to apply to the import"),
    query("platform", doc="os[/arch[/variant]]", since="1.32"),
    header("X-Registry-Auth", "auth", "Credentials of the registry"),
    stream="json",
    upload=True,
    doc="Pull an image, or import one from a tar of files.",
)
IMAGE_PUSH = operation(
    "image_push",
    "POST",
    "/images/{name}/push",
    image_ref("name", "Repository with registry, without tag"),
    query("tag", doc="Tag to push; all when absent"),
    query("platform", "json", "`{os, architecture, variant}`", since="1.46"),
    header(
        "X-Registry-Auth", "auth", "Credentials of the registry; Engines before 28.4 need it, `{}` at least"
    ),
    stream="json",
    doc="Push an image to its registry.",
)
IMAGE_BUILD = operation(
    "image_build",
    "POST",
    "/build",
    query("dockerfile", doc="Path of the Dockerfile in the context"),
    query("t", "list", "Names of the image, `name:tag`"),
    query("extrahosts", "list", "`name:address`", since="1.28"),
    query("remote", doc="Git repository or URL instead of a context"),
    query("q", "bool", "Only the id at the end"),
    query("nocache", "bool", "Do not use the cache"),
    query("cachefrom", "json", "List of images to use as cache", since="1.25"),
    query("pull", "bool", "Look for newer base images"),
    query("rm", "bool", "Remove intermediate containers after success; true when absent"),
    query("forcerm", "bool", "Remove them after a failure too"),
    query("memory", "int", "Memory limit in bytes"),
    query("memswap", "int", "Memory and swap together in bytes, -1 is unlimited"),
    query("cpushares", "int", "Relative CPU weight"),
    query("cpusetcpus", doc="CPUs, such as 0-3"),
    query("cpuperiod", "int", "CFS period in microseconds"),
    query("cpuquota", "int", "CPU microseconds per period"),
    query("buildargs", "json", "Build-time variables, name to value"),
    query("shmsize", "int", "Size of /dev/shm in bytes"),
    query("squash", "bool", "Squash into one layer (experimental)", since="1.25"),
    query("labels", "json", "Labels, name to value"),
    query("networkmode", doc="Network of RUN", since="1.25"),
    query("platform", doc="os[/arch[/variant]]", since="1.32"),
    query("target", doc="Stage to build", since="1.29"),
    query("outputs", doc="BuildKit outputs", since="1.40"),
    query("version", doc="1 classic builder, 2 BuildKit", since="1.39"),
    header("Content-Type", doc="application/x-tar"),
    header("X-Registry-Config", "auth", "Credentials by registry, for the base images"),
    stream="json",
    upload=True,
    doc="Build an image from a Dockerfile.",
)
IMAGE_GET = operation(
    "image_get",
    "GET",
    "/images/{name}/get",
    image_ref(),
    query("platform", "json", "`{os, architecture, variant}`", since="1.48"),
    stream="tar",
    doc="One image, as a tar.",
)
IMAGES_GET = operation(
    "images_get",
    "GET",
    "/images/get",
    query("names", "list", "References or ids; all when absent"),
    query("platform", "json", "`{os, architecture, variant}`", since="1.48"),
    permission="image.get",
    stream="tar",
    doc="Several images, as one tar.",
)
IMAGE_LOAD = operation(
    "image_load",
    "POST",
    "/images/load",
    query("quiet", "bool", "No progress"),
    query("platform", "json", "`{os, architecture, variant}`", since="1.48"),
    stream="json",
    upload=True,
    doc="Load images from a tar made by save.",
)
