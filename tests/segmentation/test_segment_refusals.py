"""What cannot be segmented is refused in one sentence: what, where, how to mend it."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from small_models import Small
from torch import Tensor

from napari_lns.analysis.embedding import umap
from napari_lns.models.devices import resolve_device
from napari_lns.models.running import prepare_model
from napari_lns.segmentation import (
    FunctionSegmenter,
    Segmentation,
    iter_segment,
    segment,
    segment_many,
    segmenters,
)
from napari_lns.stimuli import Stimulus

IMAGE = np.random.default_rng(1).random((8, 8, 3)).astype(np.float32)


class Odd(Small):
    """A model whose answers are changed by functions."""

    def __init__(self, encoded: object = None, decoded: object = None) -> None:
        super().__init__()
        self.encoded, self.decoded = encoded, decoded

    def encode(self, images: Tensor) -> Tensor:
        return self.encoded(images) if self.encoded else super().encode(images)

    def decode(self, latents: Tensor) -> Tensor:
        images = super().decode(latents)
        return self.decoded(images) if self.decoded else images


@pytest.mark.parametrize(
    ("image", "told"),
    [
        (np.zeros(8), r"image has the shape \(8,\): it must be \(height, width, 3\) or grey"),
        (np.zeros((8, 8, 4)), r"image has the shape \(8, 8, 4\): it must be"),
        (np.zeros((8, 8, 1)), r"image has the shape \(8, 8, 1\): it must be"),
        (np.zeros((2, 8, 8, 3)), r"shape \(2, 8, 8, 3\).*for a stack of images use segment_many"),
        (np.zeros((0, 8, 3)), "and not empty"),
        (np.broadcast_to(0.5, (100_000, 100_000)), "100000 × 100000 pixels: crop or shrink it"),
        (np.broadcast_to(0.5, (2**40, 9, 3)), "× 9 pixels: crop or shrink it to at most 67,108"),
        (np.zeros((0, 0)), "and not empty"),
        (np.zeros((1, 1, 3)), "image has one pixel: grouping needs at least two"),
        (np.zeros((8, 8), np.int64), "image has the type int64: it must be uint8, or float"),
        (np.zeros((8, 8), bool), "image has the type bool"),
        (np.zeros((8, 8), complex), "image has the type complex128"),
        (np.array([["a", "b"]]), "image has the type <U1"),
        (np.full((8, 8), np.nan), "image holds NaN or infinite values: replace them first"),
        (np.full((8, 8), np.inf), "image holds NaN or infinite values"),
        (np.full((8, 8), 255.0), r"image has values from 255 to 255: rescale them to \[0, 1\]"),
        (np.full((8, 8), -0.5), r"image has values from -0.5 to -0.5"),
        (None, r"image has the shape \(\)"),
        ([[0.1, 0.2], [0.3]], "image is a list that cannot be converted to an array of numbers"),
        (
            torch.zeros(8, 8, requires_grad=True),
            "image is a Tensor that cannot be converted to an array of numbers",
        ),
        (
            torch.zeros(8, 8, dtype=torch.bfloat16),
            "image is a Tensor that cannot be converted to an array of numbers",
        ),
        ("square.png", r"image is 'square.png': read it first with napari_lns.stimuli.read"),
        (Path("square.png"), r"image is 'square.png': read it first"),
    ],
)
def test_an_odd_image(image: np.ndarray, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        segment(image, Small())


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"clusters": 0}, "clusters is 0: it must be between 1 and the number of pixels, 64"),
        ({"clusters": -3}, "clusters is -3"),
        ({"clusters": 65}, "clusters is 65: it must be between 1 and the number of pixels, 64"),
        ({"clusters": 2.5}, "clusters is 2.5: it must be a whole number"),
        ({"clusters": True}, "clusters is True: it must be a whole number"),
        ({"clusters": "many"}, "clusters is 'many': it must be a whole number or 'auto'"),
        ({"samples": 1}, "samples is 1: it must be between 2 and"),
        ({"samples": 2.5}, "samples is 2.5: it must be a whole number"),
        ({"noise": 0.0}, "noise is 0.0: it must be"),
        ({"noise": -1.0}, "noise is -1.0: it must be"),
        ({"noise": float("nan")}, "noise is nan: it must be"),
        ({"noise": 1e308}, "noise is 1e.308: it must be .* 1e.06 or less"),
        ({"noise": float("inf")}, "noise is inf: it must be"),
        ({"relative_noise": -1.0}, "relative_noise is -1.0"),
        ({"relative_noise": 0.1}, "relative_noise needs the SD of the model's latents"),
        ({"noise": 1.0, "relative_noise": 1.0}, "noise and relative_noise are both given"),
        ({"seed": -1}, "seed is -1: it must be 0 or more"),
        ({"seed": 0.5}, "seed is 0.5: it must be a whole number"),
        ({"method": "guessed"}, "method is 'guessed': it must be one of 'sampled'"),
        ({"sample": 5}, "there is no parameter 'sample'; did you mean 'samples'"),
        ({"segmenter": "lsn"}, "there is no segmenter 'lsn'; did you mean 'lns'"),
        ({"noise_layer": "linear_9"}, "there is no layer 'linear_9'; did you mean 'linear_"),
        ({"noise_kind": "pink"}, "noise_kind is 'pink': it must be one of"),
        ({"unit_scale": [1, 2]}, "unit_scale holds 2 numbers: it must hold 4, one for each unit"),
        ({"unit_scale": [1, 1, 1, -1]}, "unit_scale holds 4 numbers.*each 0 or more"),
        ({"neighbourhood": 2}, "neighbourhood is 2: it must be odd"),
        ({"clusterer": "guess"}, "clusterer is 'guess': it must be one of"),
        ({"batch": 1}, "batch is 1: it must be at least 2"),
        ({"repeats": -1}, "repeats is -1"),
        ({"method": "exact", "noise_layer": "bend"}, "the exact method supports noise only in"),
        (
            {"method": "smoothed", "noise_layer": "bend"},
            "the smoothed method supports noise only in",
        ),
        ({"method": "smoothed", "noise_kind": "uniform"}, "supports only Gaussian noise"),
        ({"method": "smoothed", "samples": 9}, "samples is 9: the smoothed method draws noise in"),
        (
            {"method": "smoothed", "samples": 6},
            "samples is 6: the smoothed method needs at least 8",
        ),
        ({"method": "exact", "repeats": 2}, "the exact limit has no randomness"),
        (
            {"method": "smoothed", "repeats": 2, "repeat_over": "samples"},
            "only the sampled method has differences to resample",
        ),
        ({"device": "abacus"}, "device is 'abacus': there is none here; there are cpu"),
        ({"device": "xpu"}, "device is 'xpu': there is none here"),
        ({"device": "cuda:99"}, "device is 'cuda:99': there is none here"),
    ],
)
def test_an_odd_parameter(asked: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        segment(IMAGE, Small(), **asked)


@pytest.mark.parametrize("asked", [{"samples": 1}, {"clusters": 0}, {"method": "guessed"}])
def test_odd_parameters_are_refused_before_the_first_step(asked: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="it must be"):
        iter_segment(IMAGE, Small(), **asked)
    with pytest.raises(ValueError, match="it must be"):
        next(segment_many([IMAGE], Small(), **asked))


@pytest.mark.parametrize(
    ("images", "told"),
    [
        (3, "images is a int: it must be a list, an iterator or a stack"),
        (np.zeros((8, 8)), r"images has the shape \(8, 8\): a stack must be"),
        (Stimulus(IMAGE, np.zeros((8, 8)), {0: "all"}), "images is a Stimulus.*use segment"),
    ],
)
def test_an_odd_stack(images: object, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        segment_many(images, Small())


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (None, "segmenter 'lns' needs a model: give one, or the name of a shipped one"),
        ("kanizsa-aa", "there is no model 'kanizsa-aa'"),
        (Path("there_is_none.safetensors"), "there is no model file"),
        (torch.nn.Linear(2, 2), r"model is a Linear: it must have encode\(images\) and decode"),
        (Odd(decoded=lambda images: None), "decode returned NoneType: it must return images"),
        (
            Odd(decoded=lambda images: images[..., :4]),
            r"decode returned \(1, 3, 8, 4\): it must return",
        ),
        (
            Odd(decoded=lambda images: images[:, :1]),
            r"decode returned \(1, 1, 8, 8\): it must return",
        ),
        (Odd(decoded=lambda images: images * torch.nan), "outputs hold NaN or infinite values"),
        (
            Odd(encoded=lambda images: None),
            "encode returned NoneType: it must return one row of latents",
        ),
        (
            Odd(encoded=lambda images: images.mean()),
            r"encode returned \(\): it must return one row",
        ),
        (
            Odd(encoded=lambda images: images.flatten(1)[:, :4] / 0),
            "latents hold NaN or infinite values: check its weights",
        ),
    ],
)
def test_an_odd_model(model: object, told: str) -> None:
    with pytest.raises((ValueError, FileNotFoundError), match=told):
        segment(IMAGE, model)


def test_more_groups_than_the_network_shows_pixels() -> None:
    with pytest.raises(
        ValueError, match=r"clusters is 65: .* by 8 × 8 pixels, so it must be at mo"
    ):
        segment(np.zeros((16, 16)), Small(), method="exact", clusters=65)


@pytest.mark.parametrize("place", ["Tensor.new_empty", "linalg.vector_norm"])
def test_too_little_memory_for_outputs_or_features(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(f"torch.{place}", full)
    with pytest.raises(MemoryError, match=r"memory for .*20 .*: close other programs, or use few"):
        segment(IMAGE, Small(), samples=20)


def test_a_model_of_unknown_size() -> None:
    model = Small()
    model.image_size = None
    with pytest.raises(ValueError, match=r"cannot encode a 9 × 9 image.*give it an attribute"):
        segment(np.zeros((9, 9)), model)


def test_a_decoder_that_does_more_than_its_layers() -> None:
    model = Odd(decoded=lambda images: 1 - images)
    with pytest.raises(ValueError, match="decode does more than apply its decoder's layers"):
        segment(IMAGE, model, noise_layer="bend")


def test_outputs_that_become_infinite_only_under_noise() -> None:
    model = Odd(decoded=lambda images: images if len(images) == 1 else images / 0)
    with pytest.raises(ValueError, match="check its weights, or use less noise"):
        segment(IMAGE, model)


def test_a_decoder_without_a_derivative_can_still_be_smoothed() -> None:
    class Opaque(torch.autograd.Function):
        @staticmethod
        def forward(ctx, images):
            return images.clone()

    model = Odd(decoded=Opaque.apply)
    with pytest.raises(ValueError, match=r"no forward-mode derivative.*use method='smoothed'"):
        segment(IMAGE, model, method="exact")
    assert segment(IMAGE, model, method="smoothed", samples=8).clusters == 3


def test_a_pixel_outside_the_image() -> None:
    found = segment(IMAGE, Small(), method="exact")
    for row, column in ((-1, 0), (0, 8)):
        with pytest.raises(ValueError, match=r"lies outside the 8 × 8 image"):
            found.affinity(row, column)


def test_maps_that_were_not_made() -> None:
    found = Segmentation(IMAGE, np.ones((8, 8)))
    with pytest.raises(ValueError, match="affinity needs pixel features"):
        found.affinity(0, 0)
    with pytest.raises(ValueError, match="uncertainty needs repeated runs"):
        _ = found.uncertainty
    assert found.error is None


def test_umap_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    told = r'umap is not installed: run pip install "napari-lns\[umap\]"'
    with pytest.raises(ImportError, match=told):
        umap(segment(IMAGE, Small(), method="exact"))
    with pytest.raises(ValueError, match="umap needs pixel features"):
        umap(Segmentation(IMAGE, np.ones((8, 8))))


def test_a_segmentation_cannot_be_changed() -> None:
    found = segment(IMAGE, Small(), method="exact")
    with pytest.raises(AttributeError):
        found.labels = found.labels  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        found.labels[0, 0] = 5


def test_a_saved_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    found = segment(IMAGE, Small(), method="exact")
    whole = tmp_path / "whole.npz"
    found.save(whole)
    files = {
        "cut.npz": whole.read_bytes()[:-100],
        "empty.npz": b"",
        "text.npz": b"some text",
        "pickle.npz": b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00]\x94.",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    np.savez(tmp_path / "foreign.npz", labels=found.labels)
    np.savez(tmp_path / "objects.npz", labels=np.array([{}]), json=np.array("{}"))
    (tmp_path / "empty.zarr").mkdir()
    with np.load(whole) as arrays:
        np.savez(tmp_path / "bare.npz", json=arrays["json"])
    for name in (*files, "foreign.npz", "objects.npz", "bare.npz", "empty.zarr"):
        with pytest.raises(ValueError, match=f"{name}' is damaged or not a saved segmentation"):
            Segmentation.load(tmp_path / name)
    with pytest.raises(FileNotFoundError, match="there is no file"):
        Segmentation.load(tmp_path / "none.npz")
    with pytest.raises(ValueError, match=r"must end in \.npz or \.zarr"):
        found.save(tmp_path / "found.png")


@pytest.mark.filterwarnings("ignore:Object at")  # Zarr's own, of a folder without its notes
@pytest.mark.parametrize("damage", ["cut", "empty", "other", "gone"])
def test_a_damaged_part_of_a_zarr_folder_is_refused(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "found.zarr"
    Segmentation(IMAGE, np.ones((8, 8))).save(path)
    for part in [each for each in path.rglob("*") if each.is_file()]:
        content = part.read_bytes()
        half = content[: len(content) // 2]
        part.write_bytes({"cut": half, "other": b"x" * len(content)}.get(damage, b""))
        if damage == "gone":
            part.unlink()
        with pytest.raises(ValueError, match=r"found.zarr' is damaged or not a saved segmentation"):
            Segmentation.load(path)
        part.write_bytes(content)
    assert Segmentation.load(path).clusters == 1


@pytest.mark.parametrize("suffix", [".npz", ".zarr"])
def test_saving_over_an_older_file_replaces_it(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"found{suffix}"
    segment(IMAGE, Small(), samples=4, keep_outputs=True).save(path)
    newer = segment(IMAGE, Small(), method="exact")
    newer.save(path)
    assert Segmentation.load(path) == newer
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_place_that_is_not_there_is_reported(tmp_path: Path) -> None:
    found = segment(IMAGE, Small(), method="exact")
    for suffix in (".npz", ".zarr"):
        with pytest.raises(FileNotFoundError, match="there is no such file or folder: check"):
            found.save(tmp_path / "nowhere" / f"found{suffix}")


def test_a_prepared_model_is_refused_a_device_that_is_not_there() -> None:
    ready = prepare_model(Small(), "cpu")
    assert prepare_model(ready, "cpu") is ready
    with pytest.raises(ValueError, match="device is 'mps:7': there is none here"):
        prepare_model(ready, "mps:7")
    with pytest.raises(ValueError, match="device is 'mps:7': there is none here"):
        segment(IMAGE, ready, device="mps:7")


def test_a_model_is_prepared_once() -> None:
    ready = prepare_model(Small(), "cpu")
    assert prepare_model(ready) is ready
    assert resolve_device("cpu") == torch.device("cpu")


def test_a_plain_object_with_encode_and_decode_is_a_model() -> None:
    class Plain:
        inner = Small()
        image_size = 8
        encode = inner.encode
        decode = inner.decode

    found = segment(IMAGE, Plain(), method="exact")
    assert np.array_equal(found.labels, segment(IMAGE, Small(), method="exact").labels)


def test_segmenters_offer_their_parameters() -> None:
    lns = segmenters()["lns"]
    assert (lns.has_tree, lns.needs_model) == (True, True)
    assert lns.parameters["samples"].default == 80
    assert lns.parameters["noise"].type is float
    assert all(parameter.description for parameter in lns.parameters.values())


def test_a_segmenter_of_a_function_takes_the_parameters_that_have_a_default() -> None:
    def split(image, model, *, clusters, seed, device, at: int = 4):
        """Split the picture."""

    segmenter = FunctionSegmenter("split", "Split", split, has_tree=False, needs_model=False)
    assert list(segmenter.parameters) == ["at"]


def test_a_masked_image_is_refused_and_one_without_masked_pixels_is_not() -> None:
    whole = np.ma.masked_array(IMAGE, np.zeros(IMAGE.shape, bool))
    assert segment(whole, Small(), method="exact").clusters >= 1
    whole[0, 0] = np.ma.masked
    with pytest.raises(ValueError, match=r"masked array.*use image\.filled"):
        segment(whole, Small(), method="exact")
