"""Attention of small, randomly started networks as walks: sums, shapes, order, repetition."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from napari_lns._extras import extra_module
from napari_lns.segmentation.dwc.attention import Attention
from napari_lns.segmentation.dwc.diffusion import diffusion_walk, load_pipeline
from napari_lns.segmentation.dwc.pretrained import as_batch, load_pretrained
from napari_lns.segmentation.dwc.vit import load_vit, vit_walk
from napari_lns.segmentation.dwc.walks import Walk

PICTURE = np.random.default_rng(0).random((32, 32, 3)).astype(np.float32)
HALVES = np.zeros((32, 32, 3), np.float32)
HALVES[:, 16:] = 1
SAMPLE = 16  # side of the small UNet's latents


def assert_a_walk(walk: Walk, grid: tuple[int, int]) -> None:
    assert walk.grid == grid
    np.testing.assert_allclose(walk.transition.sum(axis=1), 1, rtol=1e-5)
    assert walk.transition.min() >= 0


# Vision transformers


@pytest.fixture(scope="module")
def vit() -> Any:
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    config = transformers.ViTConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=32,
        image_size=32,
        patch_size=8,
        initializer_range=0.5,
    )
    return transformers.ViTModel(config).eval()


@pytest.fixture(scope="module")
def dinov2() -> Any:
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    config = transformers.Dinov2WithRegistersConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        mlp_ratio=1,
        image_size=28,
        patch_size=7,
        num_register_tokens=3,
    )
    return transformers.Dinov2WithRegistersModel(config).eval()


@pytest.fixture(scope="module")
def timm_vit() -> Any:
    try:
        import timm
    except (ImportError, RuntimeError):  # timm itself needs a torchvision that fits torch
        pytest.skip("timm cannot be imported")
    torch.manual_seed(0)
    return timm.create_model("vit_tiny_patch16_224", img_size=32, patch_size=8).eval()


@pytest.fixture(params=["vit", "dinov2", "timm_vit"])
def transformer(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("layers", ["all", "last", "finest"])
def test_a_vision_transformers_attention_is_a_walk(transformer: Any, layers: Any) -> None:
    assert_a_walk(vit_walk(PICTURE, transformer, layers=layers), (4, 4))


def test_a_vision_transformers_walk_is_the_same_each_time(transformer: Any) -> None:
    first, second = (vit_walk(PICTURE, transformer).transition for _ in range(2))
    assert np.array_equal(first, second)


def test_a_vision_transformer_looks_at_a_image_as_it_did_before(transformer: Any) -> None:
    batch = torch.rand(1, 3, 32, 32)
    with torch.inference_mode():
        before = transformer(batch)
        vit_walk(PICTURE, transformer)
        after = transformer(batch)
    if hasattr(before, "last_hidden_state"):
        before, after = before.last_hidden_state, after.last_hidden_state
        assert transformer.config._attn_implementation == "sdpa"
    assert torch.equal(before, after)


def test_patches_come_in_reading_order(vit: Any) -> None:
    with torch.inference_mode():
        vit.embeddings.position_embeddings.zero_()  # so that like patches attend alike
    rows = vit_walk(HALVES, vit).transition.reshape(4, 4, 16)
    np.testing.assert_allclose(rows[0, 0], rows[3, 1], rtol=1e-4)
    np.testing.assert_allclose(rows[0, 2], rows[3, 3], rtol=1e-4)
    assert np.abs(rows[0, 0] - rows[0, 3]).max() > 1e-3


def test_a_network_that_is_no_vision_transformer_is_refused() -> None:
    with pytest.raises(ValueError, match="Linear does not define its image and patch size"):
        vit_walk(PICTURE, torch.nn.Linear(2, 2))


def test_a_saved_vision_transformer_is_loaded_from_its_folder(vit: Any, tmp_path: Path) -> None:
    vit.save_pretrained(tmp_path)
    walks = [vit_walk(PICTURE, model).transition for model in (vit, load_vit(str(tmp_path)))]
    assert np.array_equal(*walks)


# Stable Diffusion


def tiny_unet(diffusers: Any, **changes: Any) -> Any:
    torch.manual_seed(0)
    settings: dict[str, Any] = {
        "sample_size": SAMPLE,
        "block_out_channels": (8, 16),
        "layers_per_block": 1,
        "down_block_types": ("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        "cross_attention_dim": 16,
        "attention_head_dim": 4,
        "norm_num_groups": 4,
    }
    return diffusers.UNet2DConditionModel(**settings | changes).eval()


def tiny_parts(diffusers: Any, transformers: Any, folder: Path) -> dict[str, Any]:
    letters = {token: i for i, token in enumerate(["<|startoftext|>", "<|endoftext|>", "a</w>"])}
    (folder / "vocab.json").write_text(json.dumps(letters))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    torch.manual_seed(0)
    text = transformers.CLIPTextConfig(
        vocab_size=3,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        projection_dim=16,
        max_position_embeddings=8,
        bos_token_id=0,
        eos_token_id=1,
    )
    vae = diffusers.AutoencoderKL(
        block_out_channels=(8, 8),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=4,
        norm_num_groups=4,
        sample_size=32,
    ).eval()
    tokenizer = transformers.CLIPTokenizer(
        str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=8
    )
    return {
        "vae": vae,
        "text": text,
        "tokenizer": tokenizer,
        "scheduler": diffusers.PNDMScheduler(steps_offset=1, skip_prk_steps=True),
    }


@pytest.fixture(scope="module")
def libraries() -> tuple[Any, Any]:
    return pytest.importorskip("diffusers"), pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def pipeline(libraries: tuple[Any, Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    diffusers, transformers = libraries
    parts = tiny_parts(diffusers, transformers, tmp_path_factory.mktemp("tokens"))
    return diffusers.StableDiffusionPipeline(
        vae=parts["vae"],
        unet=tiny_unet(diffusers),
        text_encoder=transformers.CLIPTextModel(parts["text"]).eval(),
        tokenizer=parts["tokenizer"],
        scheduler=parts["scheduler"],
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


@pytest.fixture(scope="module")
def pipeline_xl(libraries: tuple[Any, Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    diffusers, transformers = libraries
    parts = tiny_parts(diffusers, transformers, tmp_path_factory.mktemp("tokens"))
    unet = tiny_unet(
        diffusers,
        cross_attention_dim=32,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=6 * 8 + 16,
    )
    return diffusers.StableDiffusionXLPipeline(
        vae=parts["vae"],
        unet=unet,
        text_encoder=transformers.CLIPTextModel(parts["text"]).eval(),
        text_encoder_2=transformers.CLIPTextModelWithProjection(parts["text"]).eval(),
        tokenizer=parts["tokenizer"],
        tokenizer_2=parts["tokenizer"],
        scheduler=parts["scheduler"],
        add_watermarker=False,
    )


@pytest.mark.parametrize("layers", ["all", "finest", "last"])
def test_a_unets_attention_is_a_walk(pipeline: Any, layers: Any) -> None:
    assert_a_walk(diffusion_walk(PICTURE, pipeline, layers=layers), (SAMPLE, SAMPLE))


def test_an_xl_unets_attention_is_a_walk(pipeline_xl: Any) -> None:
    assert_a_walk(diffusion_walk(PICTURE, pipeline_xl), (SAMPLE, SAMPLE))


def test_a_unets_walk_is_the_same_for_the_same_seed(pipeline: Any) -> None:
    walks = [diffusion_walk(PICTURE, pipeline, seed=seed).transition for seed in (1, 1, 2)]
    assert np.array_equal(walks[0], walks[1])
    assert not np.array_equal(walks[0], walks[2])


def test_the_time_step_and_the_image_matter(pipeline: Any) -> None:
    base = diffusion_walk(PICTURE, pipeline, time_step=10).transition
    assert not np.allclose(base, diffusion_walk(PICTURE, pipeline, time_step=900).transition)
    assert not np.allclose(base, diffusion_walk(HALVES, pipeline, time_step=10).transition)


def test_keeping_attention_leaves_the_unet_as_it_was(pipeline: Any) -> None:
    before = dict(pipeline.unet.attn_processors)
    diffusion_walk(PICTURE, pipeline)
    assert pipeline.unet.attn_processors == before


def test_the_attention_kept_is_that_which_the_unet_uses(pipeline: Any) -> None:
    from diffusers.models.attention_processor import AttnProcessor

    seen = []

    class Spy(AttnProcessor):
        def __call__(self, attn: Any, hidden_states: torch.Tensor, *rest: Any, **named: Any) -> Any:
            scores = attn.get_attention_scores
            attn.get_attention_scores = lambda *a: seen.append(scores(*a)) or seen[-1]
            try:
                return super().__call__(attn, hidden_states, *rest, **named)
            finally:
                del attn.get_attention_scores

    before = dict(pipeline.unet.attn_processors)
    last = [name for name in before if ".attn1." in name and name.startswith("up_blocks")][-1]
    pipeline.unet.set_attn_processor({**before, last: Spy()})
    try:
        walk = diffusion_walk(PICTURE, pipeline, layers="last")
    finally:
        pipeline.unet.set_attn_processor(before)
    np.testing.assert_allclose(walk.transition, seen[-1].mean(dim=0).numpy(), rtol=1e-4)


@pytest.mark.parametrize("time_step", [-1, 1000])
def test_a_time_step_out_of_range_is_refused(pipeline: Any, time_step: int) -> None:
    with pytest.raises(ValueError, match="must be between 0 and 999"):
        diffusion_walk(PICTURE, pipeline, time_step=time_step)


def test_a_saved_pipeline_is_loaded_from_its_folder(pipeline: Any, tmp_path: Path) -> None:
    pipeline.save_pretrained(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the libraries' own
        loaded = load_pipeline(str(tmp_path))
    walks = [diffusion_walk(PICTURE, p).transition for p in (pipeline, loaded)]
    np.testing.assert_allclose(*walks, rtol=1e-5)


# What they share


def test_maps_of_several_resolutions_are_averaged_on_the_finest() -> None:
    attention = Attention()
    fine, coarse = np.eye(16), np.full((4, 4), 0.25)
    for probabilities, grid in ((coarse, (2, 2)), (fine, (4, 4)), (fine, (4, 4))):
        attention.add(probabilities, grid)
    np.testing.assert_allclose(attention.walk().transition, np.eye(16) / 2 + 1 / 32)


@pytest.mark.parametrize(("layers", "expected"), [("last", 0.25), ("finest", 1.0)])
def test_layers_are_chosen(layers: Any, expected: float) -> None:
    attention = Attention(layers)
    attention.add(np.eye(16), (4, 4))
    attention.add(np.full((4, 4), 0.25), (2, 2))
    assert attention.walk().transition[0, 0] == expected


def test_attention_with_nan_is_refused() -> None:
    with pytest.raises(ValueError, match=r"2 × 2 patches holds NaN .*float32"):
        Attention().add(np.full((4, 4), np.nan), (2, 2))


def test_a_network_without_attention_is_refused() -> None:
    with pytest.raises(ValueError, match="has no self-attention layers"):
        Attention().walk()


def test_unknown_layers_are_refused() -> None:
    with pytest.raises(ValueError, match="layers is 'first': it must be one of 'all'"):
        Attention("first")  # type: ignore[arg-type]


def test_images_are_brought_to_size_and_range() -> None:
    batch = as_batch(HALVES, (8, 16))
    assert batch.shape == (1, 3, 8, 16)
    assert batch[..., 0].numpy() == pytest.approx(-1)
    assert batch[..., -1].numpy() == pytest.approx(1)


@pytest.mark.parametrize("load", [load_vit, load_pipeline])
def test_missing_weights_are_asked_for_in_a_sentence(load: Any) -> None:
    pytest.importorskip("diffusers")
    with pytest.raises(FileNotFoundError, match="fetch them once with `hf download no/weights`"):
        load("no/weights")


@pytest.mark.parametrize("load", [load_vit, load_pipeline])
def test_a_folder_without_weights_is_refused(load: Any, tmp_path: Path) -> None:
    pytest.importorskip("diffusers")
    with pytest.raises(ValueError, match="contains no network that can be loaded"):
        load(str(tmp_path))


VIT = {
    "model_type": "vit",
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 1,
    "intermediate_size": 8,
    "image_size": 8,
    "patch_size": 4,
}
NO_TENSORS = (2).to_bytes(8, "little") + b"{}"


@pytest.mark.parametrize(
    ("changes", "weights", "told"),
    [
        ({}, b"", "header too small"),
        ({}, b"\xff" * 100, "header too large"),
        ({}, NO_TENSORS, "22 of its weights are missing, first embeddings.cls_token"),
        ({"hidden_size": "8"}, NO_TENSORS, "Validation error"),
        ({"hidden_size": -8}, NO_TENSORS, "Expected"),
        ({"model_type": "nope"}, NO_TENSORS, "nope"),
    ],
)
def test_damaged_weights_are_refused_and_none_are_started_at_random(
    tmp_path: Path, changes: dict[str, Any], weights: bytes, told: str
) -> None:
    pytest.importorskip("transformers")
    (tmp_path / "config.json").write_text(json.dumps({**VIT, **changes}))
    (tmp_path / "model.safetensors").write_bytes(weights)
    with pytest.raises(ValueError, match=f"contains no network that can be loaded: .*{told}"):
        load_vit(str(tmp_path))


@pytest.mark.parametrize("index", ["{}", '{"_class_name": 3, "unet": 3}', '{"_class_name": "X"}'])
def test_a_pipeline_with_a_broken_index_is_refused(tmp_path: Path, index: str) -> None:
    pytest.importorskip("diffusers")
    (tmp_path / "model_index.json").write_text(index)
    with pytest.raises(ValueError, match="contains no network that can be loaded"):
        load_pipeline(str(tmp_path))


def test_a_name_that_is_too_long_is_reported() -> None:
    with pytest.raises(OSError, match="the name is too long"):
        load_vit("x" * 5000)


def test_weights_whose_library_cannot_be_loaded_name_it(tmp_path: Path) -> None:
    pytest.importorskip("diffusers")
    try:
        import timm  # noqa: F401
    except (ImportError, RuntimeError):
        told = {"model_type": "timm_wrapper", "architecture": "vit_tiny_patch16_224"}
        (tmp_path / "config.json").write_text(json.dumps(told))
        with pytest.raises(ModuleNotFoundError, match=r"cannot be loaded here: .*timm.*; install"):
            load_vit(str(tmp_path))
    else:
        pytest.skip("timm is here")


def test_a_missing_extra_is_named_with_the_command_that_installs_it() -> None:
    with pytest.raises(ModuleNotFoundError, match=r'run pip install "napari-lns\[diffusion\]"'):
        extra_module("no_such_library", "diffusion")


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("unet/mine.py", "raise SystemExit", r"mine\.py is Python code in a folder of weights"),
        ("model_index.json", '{"unet": ["os", "system"]}', "unet comes from 'os'"),
        ("model_index.json", '{"unet": [["os"], 1]}', "unet comes from"),
    ],
)
def test_a_pipeline_that_names_code_is_refused(
    tmp_path: Path, file: str, text: str, told: str
) -> None:
    pytest.importorskip("diffusers")
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text)
    with pytest.raises(ValueError, match=told):
        load_pretrained(str(tmp_path), "diffusers", "AutoPipelineForText2Image")
