"""Image calls that stream: pull, import, push, build, load, save."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from dockerui.engine.api.image_transfer import (
    IMAGE_BUILD,
    IMAGE_CREATE,
    IMAGE_GET,
    IMAGE_LOAD,
    IMAGE_PUSH,
    IMAGES_GET,
)
from dockerui.engine.protocol.progress import Progress, read_progress

from .base import AsyncCaller
from .json_stream import JsonStream
from .streams import ByteStream


class ImageStreams(AsyncCaller):
    """Streams of images. Their heads come with the first output, so they wait without a time limit: cancel
    them.
    """

    async def image_pull(
        self,
        image: str,
        *,
        tag: str | None = None,
        platform: str | None = None,
        auth: Mapping[str, Any] | None = None,
        all_tags: bool = False,
    ) -> JsonStream[Progress]:
        """Pull `image`; without a tag or digest in it or in `tag` that is `latest`, all tags only if asked.

        `auth` holds the registry's credentials. Raises NotFound, Unauthorized, ServerError when it fails at
        once; later failures come as a Progress with an error. `POST /images/create`
        """
        if tag is None and not all_tags and "@" not in image and ":" not in image.rpartition("/")[2]:
            tag = "latest"
        query = {"fromImage": image, "tag": tag, "platform": platform}
        return _progress(await self.open(IMAGE_CREATE, query=query, headers={"X-Registry-Auth": auth}))

    async def image_import(
        self,
        body: AsyncIterator[bytes] | None,
        *,
        source: str = "-",
        repo: str | None = None,
        tag: str | None = None,
        message: str | None = None,
        changes: Sequence[str] | None = None,
        platform: str | None = None,
    ) -> JsonStream[Progress]:
        """Make an image of the tar of files that `body` yields, or that the Engine fetches from the URL
        `source`. `POST /images/create`
        """
        query = {
            "fromSrc": source,
            "repo": repo,
            "tag": tag,
            "message": message,
            "changes": changes,
            "platform": platform,
        }
        return _progress(await self.open(IMAGE_CREATE, query=query, upload=body))

    async def image_push(
        self,
        name: str,
        *,
        tag: str | None = None,
        platform: Mapping[str, Any] | None = None,
        auth: Mapping[str, Any] | None = None,
    ) -> JsonStream[Progress]:
        """Push the repository `name` (without tag): one `tag`, or all of them. `POST /images/{name}/push`"""
        # Engines before 28.4 refuse a push without the header, even to a registry that wants no credentials.
        return _progress(
            await self.open(
                IMAGE_PUSH,
                path={"name": name},
                query={"tag": tag, "platform": platform},
                headers={"X-Registry-Auth": auth or {}},
            )
        )

    async def image_build(
        self,
        body: AsyncIterator[bytes] | None,
        *,
        registry_config: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> JsonStream[Progress]:
        """Build from the tar that `body` yields; without one from `remote` among the options.

        `options` are the query parameters of the operation as the Engine spells them (`dockerfile`, `t`,
        `buildargs` …; an unknown one is refused), `registry_config` the credentials by registry.
        `POST /build`
        """
        return _progress(
            await self.open(
                IMAGE_BUILD,
                query=options,
                headers={
                    "Content-Type": "application/x-tar" if body is not None else None,
                    "X-Registry-Config": registry_config,
                },
                upload=body,
            )
        )

    async def image_load(
        self, body: AsyncIterator[bytes], *, quiet: bool = False, platform: Mapping[str, Any] | None = None
    ) -> JsonStream[Progress]:
        """Load images from the tar that `body` yields. Errors come in the stream, always. `POST
        /images/load`
        """
        query = {"quiet": quiet, "platform": platform}
        return _progress(await self.open(IMAGE_LOAD, query=query, upload=body))

    async def image_save(
        self, names: Sequence[str], *, platform: Mapping[str, Any] | None = None
    ) -> ByteStream:
        """One or several images as one tar. Raises NotFound before anything is sent. `GET /images/get`

        A failure in the middle appends JSON to the tar.
        """
        if len(names) == 1:
            return await self.open(IMAGE_GET, path={"name": names[0]}, query={"platform": platform})
        return await self.open(IMAGES_GET, query={"names": list(names), "platform": platform})


def _progress(stream: ByteStream) -> JsonStream[Progress]:
    return JsonStream(stream, read_progress)
