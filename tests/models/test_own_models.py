"""Your own model: what `validate` finds, what can be wrapped, trained on top of, imported."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from napari_lns.models import (
    AutoEncoder,
    ClassifierAutoEncoder,
    InvalidModelError,
    VariationalAutoEncoder,
    adapt,
    import_checkpoint,
    train,
    validate,
)


class Small(nn.Module):
    """The smallest model: the mean colour, painted everywhere."""

    image_size = (16, 16)

    def encode(self, images: Tensor) -> Tensor:
        return images.mean(dim=(2, 3))

    def decode(self, latents: Tensor) -> Tensor:
        return latents[:, :, None, None].expand(-1, -1, 16, 16).sigmoid()


def test_a_small_honest_model_is_valid() -> None:
    validate(Small().eval())


def test_the_papers_networks_are_valid() -> None:
    validate(AutoEncoder().eval())
    validate(VariationalAutoEncoder().eval())


def broken(**methods: object) -> nn.Module:
    return type("Broken", (Small,), methods)().eval()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("methods", "sentence"),
    [
        ({"decode": None}, "no method 'decode'"),
        ({"encode": lambda s, x: (x, x)}, "encode returned tuple: it must return one tensor"),
        ({"encode": lambda s, x: x.mean()}, r"encode returned \(\) for images"),
        ({"decode": lambda s, z: z}, r"decode returned \(2, 3\): it must be the images' shape"),
        ({"decode": lambda s, z: Small.decode(s, z) * 255}, "end it with a sigmoid"),
        ({"decode": lambda s, z: Small.decode(s, z) * torch.nan}, "NaN or infinite"),
        (
            {"encode": lambda s, x: Small.encode(s, x) + torch.rand(3)},
            "two calls with the same images",
        ),
        ({"encode": lambda s, x: Small.encode(s, x) - x.mean()}, "others in its batch"),
        ({"encode": lambda s, x: 1 / 0}, "encode failed on .*: division by zero"),
    ],
)
def test_a_broken_requirement_is_reported_with_its_fix(
    methods: dict[str, object], sentence: str
) -> None:
    with pytest.raises(InvalidModelError, match=sentence):
        validate(broken(**methods))


def test_training_mode_and_half_precision_are_reported_together() -> None:
    with pytest.raises(InvalidModelError) as raised:
        validate(AutoEncoder().half())
    message = " ".join(raised.value.problems)
    assert "call model.eval()" in message
    assert "call model.float()" in message


def test_a_plain_module_with_two_parts_becomes_a_model() -> None:
    plain = nn.Module()
    whole = VariationalAutoEncoder()
    plain.encoder = nn.Sequential(whole.encoder, nn.Unflatten(1, (2, 15)))
    plain.decoder = whole.decoder
    with pytest.raises(InvalidModelError):
        validate(adapt(plain))
    validate(adapt(AutoEncoder()))


def test_a_module_without_the_two_parts_is_refused() -> None:
    with pytest.raises(ValueError, match="no part 'encoder'"):
        adapt(nn.Linear(1, 1))


def classifier() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 4, 4), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(1024, 10)
    )


def test_a_decoder_is_trained_on_top_of_a_classifiers_layer(tmp_path: Path) -> None:
    network = ClassifierAutoEncoder(classifier(), "2", latent_size=5)
    before = {name: tensor.clone() for name, tensor in network.encoder[0].state_dict().items()}
    trained = train("kanizsa", steps=2, batch=2, out=tmp_path, network=network)
    validate(trained)
    for name, tensor in trained.encoder[0].state_dict().items():
        assert torch.equal(tensor, before[name]), name


def test_an_unknown_layer_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="no layer 'conv'"):
        ClassifierAutoEncoder(classifier(), "conv")


@pytest.mark.parametrize("kind", [AutoEncoder, VariationalAutoEncoder])
def test_an_authors_checkpoint_is_imported_by_order_and_shape(
    tmp_path: Path, kind: type[AutoEncoder]
) -> None:
    torch.manual_seed(1)
    network = kind()
    renamed = {f"layer.{index}": w for index, w in enumerate(network.state_dict().values())}
    optimiser = {"state": {0: {"step": 3}}}
    torch.save({"model_states": {"net": renamed}, "optim_states": optimiser}, tmp_path / "last")
    imported = import_checkpoint(tmp_path / "last")
    assert type(imported) is kind
    images = torch.rand(1, 3, 64, 64)
    assert torch.equal(imported.encode(images), network.eval().encode(images))


def test_code_in_a_checkpoint_is_refused_and_not_run(tmp_path: Path) -> None:
    class Code:
        def __reduce__(self):  # type: ignore[no-untyped-def]
            return (Path.touch, (tmp_path / "was_run",))

    (tmp_path / "evil.pt").write_bytes(pickle.dumps({"model_states": {"net": Code()}}))
    with pytest.raises(ValueError, match=r"evil\.pt'"):
        import_checkpoint(tmp_path / "evil.pt")
    torch.save({"model_states": {"net": Code()}}, tmp_path / "evil2.pt")
    with pytest.raises(ValueError, match="code besides weights"):
        import_checkpoint(tmp_path / "evil2.pt")
    assert not (tmp_path / "was_run").exists()


def test_foreign_and_damaged_checkpoints_are_refused_by_name(tmp_path: Path) -> None:
    torch.save({"model_states": {"net": nn.Linear(2, 3).state_dict()}}, tmp_path / "other.pt")
    with pytest.raises(ValueError, match=r"other\.pt' holds weights of another architecture"):
        import_checkpoint(tmp_path / "other.pt")
    torch.save([1, 2], tmp_path / "list.pt")
    with pytest.raises(ValueError, match=r"list\.pt' holds no network's weights"):
        import_checkpoint(tmp_path / "list.pt")
    (tmp_path / "torn.pt").write_bytes((tmp_path / "other.pt").read_bytes()[:100])
    with pytest.raises(ValueError, match=r"torn\.pt' is damaged"):
        import_checkpoint(tmp_path / "torn.pt")
    with pytest.raises(FileNotFoundError, match=r"none\.pt"):
        import_checkpoint(tmp_path / "none.pt")
