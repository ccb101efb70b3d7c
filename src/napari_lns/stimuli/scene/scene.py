"""`Scene`: your own stimulus as a list of surfaces in a file, and its world."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import ConfigDict, Field, TypeAdapter

from napari_lns._files import explain_os_errors, shorten, write_atomically
from napari_lns._parameters import Range, check, inspect_parameters, unknown_name_error
from napari_lns._records import MOST_BYTES, read_record, validate_json
from napari_lns.stimuli._canvas import JITTER
from napari_lns.stimuli.scene.ambiguities import Ambiguity, find_ambiguities
from napari_lns.stimuli.scene.drawing import (
    make_parts,
    paint_control,
    paint_surfaces,
    resolve_colours,
)
from napari_lns.stimuli.scene.shapes import STRICT
from napari_lns.stimuli.scene.surface import (
    BACKGROUND,
    MOST_SURFACES,
    Colour,
    Surface,
    Text,
    VaryAll,
)
from napari_lns.stimuli.scene.world import draw_world, stream_batches
from napari_lns.stimuli.stimulus import Stimulus
from napari_lns.stimuli.worlds import Dice, Pose
from napari_lns.stimuli.worlds import Scene as Painting

__all__ = ["FORMAT", "MOST_OBJECTS", "MOST_SURFACES", "VERSION", "Scene"]

FORMAT = "napari-lns scene"
VERSION = 1
MOST_OBJECTS = 12  # independent objects; a compact network has at least two latent units for each
SIDE = 64  # side of training images in pixels

Size = Annotated[int, Range(64, 1024, "px")]
Whole = Annotated[int, Range(0, 2**31 - 1)]
Many = Annotated[int, Range(1, 4096)]
Jitter = Annotated[float, Range(0, 1)]


@dataclass(frozen=True)
class Scene:
    """Surfaces in depth order over a background.

    Parameters
    ----------
    surfaces
        The surfaces, from the farthest to the nearest.
    name
        Name of the scene.
    background
        Red, green and blue in [0, 1].
    vary
        Variation of the whole scene in its world.
    rivals
        Whether a share of the world's scenes has another cause of the same image elements.

    Examples
    --------
    >>> from napari_lns.stimuli.scene import Ellipse, Rectangle
    >>> bar, disc = Surface("bar", Rectangle(0.8, 0.1)), Surface("disc", Ellipse(0.3, 0.3))
    >>> Scene((bar, disc), "bar behind a disc").draw().label_names[1]
    'bar'
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    surfaces: Annotated[tuple[Surface, ...], Field(max_length=MOST_SURFACES)]
    name: Annotated[Text, Field(min_length=1)] = "scene"
    background: Colour = (0.5, 0.5, 0.5)
    vary: VaryAll = field(default_factory=VaryAll)
    rivals: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "surfaces", tuple(self.surfaces))
        if not self.surfaces:
            raise ValueError("the scene has no surfaces: add one")
        if len(self.surfaces) > MOST_SURFACES:
            raise ValueError(
                f"the scene has {len(self.surfaces)} surfaces: {MOST_SURFACES} are the most"
            )
        names = [surface.name for surface in self.surfaces]
        duplicate = next((name for name in names if names.count(name) > 1), None)
        if duplicate is not None:
            raise ValueError(
                f"two surfaces have the name {duplicate!r}: give each a name of its own"
            )
        for surface in self.surfaces:
            self._check_tie(surface, names)

    def _check_tie(self, surface: Surface, names: Sequence[str]) -> None:
        chain = [surface.name]
        leader = surface
        while leader.colour_of and leader.colour_of != BACKGROUND:
            if leader.colour_of not in names:
                raise unknown_name_error("surface", leader.colour_of, [BACKGROUND, *names])
            chain.append(leader.colour_of)
            if leader.colour_of in chain[:-1]:
                raise ValueError(
                    f"the colours are tied in a circle ({' → '.join(chain)}): give one of these "
                    "surfaces a colour of its own"
                )
            leader = self.surfaces[names.index(leader.colour_of)]

    @cached_property
    def ambiguities(self) -> tuple[Ambiguity, ...]:
        """The ambiguities of the scene, the main one first."""
        return find_ambiguities(self.surfaces)

    @property
    def has_control(self) -> bool:
        """Return whether the scene has an ambiguity, so that a control can be drawn."""
        return bool(self.ambiguities)

    @property
    def objects(self) -> tuple[str, ...]:
        """Names of the objects, which move independently."""
        return tuple(dict.fromkeys(surface.object for surface in self.surfaces))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Scene:
        """Read a scene from its JSON file.

        Examples
        --------
        >>> Scene.load("no/such.json")
        Traceback (most recent call last):
        FileNotFoundError: no/such.json: there is no such file or folder: check the path
        """
        contents = read_record(dict[str, Any], path)
        return cls.from_json(contents, path)

    @classmethod
    def from_json(
        cls, contents: Mapping[str, Any], where: str | os.PathLike[str] = "the scene"
    ) -> Scene:
        """Return the scene that the contents of a file describe."""
        source = os.fspath(where)
        if contents.get("format") != FORMAT:
            raise ValueError(
                f"{source}: format is {shorten(repr(contents.get('format')), 60)}: it must be "
                f"{FORMAT!r}; other drawings are read by `napari-lns stimuli scene`"
            )
        if contents.get("version") != VERSION:
            raise ValueError(
                f"{source}: version is {shorten(repr(contents.get('version')), 60)}: this "
                f"napari-lns reads version {VERSION}; update it, or save the scene again"
            )
        fields = {key: value for key, value in contents.items() if key not in ("format", "version")}
        return validate_json(cls, json.dumps(fields), where)

    def to_json(self) -> dict[str, Any]:
        """Return the contents of the scene's file."""
        return {"format": FORMAT, "version": VERSION, **json.loads(json.dumps(asdict(self)))}

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the scene as JSON, completely or not at all."""
        target = Path(path)
        if target.suffix.lower() != ".json":
            raise ValueError(f"{target}: the suffix is {target.suffix!r}: a scene is a .json file")
        text = json.dumps(self.to_json(), indent=1) + "\n"
        assert len(text) < MOST_BYTES
        with write_atomically(target) as beside:
            beside.write_text(text, encoding="utf-8")

    @staticmethod
    def schema() -> dict[str, Any]:
        """Return the JSON schema of a scene's file."""
        schema = TypeAdapter(Scene).json_schema()
        schema["properties"] |= {"format": {"const": FORMAT}, "version": {"const": VERSION}}
        schema["required"] = ["format", "version", *schema["required"]]
        return schema

    @classmethod
    def from_svg(cls, path: str | os.PathLike[str]) -> Scene:
        """Read a scene from an SVG drawing; see `napari_lns.stimuli.scene.svg.read_svg`."""
        from napari_lns.stimuli.scene.svg import read_svg

        with explain_os_errors(path):
            return cls(*read_svg(path))

    @classmethod
    def from_labels(
        cls, labels: ArrayLike, image: ArrayLike | None = None, *, hull: bool = False
    ) -> Scene:
        """Make a scene from labels; see `napari_lns.stimuli.scene.labels.scene_from_labels`."""
        from napari_lns.stimuli.scene.labels import scene_from_labels

        return cls(*scene_from_labels(labels, image, hull=hull))

    def draw(
        self, size: Size = 64, seed: Whole = 0, *, jitter: Jitter = 0.0, control: bool = False
    ) -> Stimulus:
        """Draw the scene with its ground truth, anti-aliased.

        Parameters
        ----------
        size
            Side of the image in pixels.
        seed
            Seed of the jitter, and of the control's random choices.
        jitter
            Random changes of place, rotation and size, as large as those of the other stimuli.
        control
            Whether to draw the control.

        Returns
        -------
        Stimulus
            The stimulus. Its record contains the whole scene, so that it can be drawn again.
        """
        values = {"size": size, "seed": seed, "jitter": jitter, "control": control}
        check(inspect_parameters(Scene.draw), values)
        rng = np.random.default_rng([seed, 0x5CE4E])
        right, up, turn, zoom = (jitter * rng.uniform(-1, 1, 4)).tolist()
        pose = Pose(
            JITTER.place * right, JITTER.place * up, JITTER.rotation * turn, 1 + JITTER.zoom * zoom
        )
        colours = resolve_colours(self.surfaces, self.background)
        painting = Painting(self.background, pose)
        if control:
            paint_control(painting, self.surfaces, colours, self._main_ambiguity(), rng)
        else:
            paint_surfaces(painting, self.surfaces, colours)
        image, labels = np.empty((3, size, size), np.float32), np.empty((size, size), np.int32)
        painting.draw(image, labels)
        parts: dict[str, NDArray[np.bool_]] = {}
        if self.ambiguities:
            control_painting = painting if control else None
            parts = make_parts(self.surfaces, self.ambiguities[0], pose, size, control_painting)
        parameters = {"scene": self.to_json(), "size": size, "jitter": jitter, "control": control}
        names = dict(enumerate(painting.names))
        return Stimulus(image.transpose(1, 2, 0), labels, names, parts, self.name, parameters, seed)

    def _main_ambiguity(self) -> Ambiguity:
        if not self.ambiguities:
            raise ValueError(
                f"the scene {self.name!r} has no control: none of its surfaces has the "
                "background's colour, is partly hidden, or is seen through; tie a colour to the "
                "background, or draw a control as a scene of its own"
            )
        return self.ambiguities[0]

    def world(
        self, seed: Whole = 0, batch: Many = 16, start: Whole = 0
    ) -> Iterator[NDArray[np.float32]]:
        """Stream the training images of the scene's world endlessly.

        Parameters
        ----------
        seed
            Random seed.
        batch
            Number of images in a batch.
        start
            The step to begin at. Earlier steps are skipped without drawing them.

        Returns
        -------
        Iterator of numpy.ndarray
            Endless; float32 (batch, 3, 64, 64) in [0, 1].
        """
        check(inspect_parameters(Scene.world), {"seed": seed, "batch": batch, "start": start})
        self.check_world()
        return stream_batches(self, seed, batch, start, SIDE)

    def check_world(self) -> None:
        """Raise an error if the scene has more objects than a network can represent."""
        if len(self.objects) > MOST_OBJECTS:
            raise ValueError(
                f"the scene has {len(self.objects)} objects that move independently: a network "
                f"can represent {MOST_OBJECTS}; give surfaces that belong together one object"
            )

    def scenes(self, count: Many = 9, seed: Whole = 0) -> list[Stimulus]:
        """Draw the first training scenes of the world with their ground truth."""
        check(inspect_parameters(Scene.scenes), {"count": count, "seed": seed})
        self.check_world()
        dice, stimuli = Dice(np.random.default_rng([seed, 0])), []
        for _ in range(count):
            painting = draw_world(self, dice)
            image, labels = np.empty((3, SIDE, SIDE), np.float32), np.empty((SIDE, SIDE), np.int32)
            painting.draw(image, labels)
            names = {value: painting.names[value] for value in np.unique(labels).tolist()}
            stimuli.append(Stimulus(image.transpose(1, 2, 0), labels, names))
        return stimuli
