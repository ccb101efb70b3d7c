import pytest
import torch
from torch import nn

from napari_lns.models.iic.networks import DigitNetwork, Heads, PhotoNetwork, PixelNetwork


def convolutions(network):
    return [
        (layer.in_channels, layer.out_channels, layer.kernel_size[0], layer.dilation[0])
        for layer in network.trunk.modules()
        if isinstance(layer, nn.Conv2d)
    ]


def test_net10a_is_the_papers():
    network = PixelNetwork(clusters=27)
    assert convolutions(network) == [
        (3, 64, 3, 1),
        (64, 128, 3, 1),
        (128, 256, 3, 1),
        (256, 256, 3, 1),
        (256, 512, 3, 2),
        (512, 512, 3, 2),
    ]
    layers = list(network.trunk.modules())
    assert sum(isinstance(layer, nn.BatchNorm2d) for layer in layers) == 6
    assert all(layer.bias is None for layer in layers if isinstance(layer, nn.Conv2d))


def test_the_digit_network_is_the_papers():
    network = DigitNetwork((24, 24))
    assert convolutions(network) == [
        (1, 64, 5, 1),
        (64, 128, 5, 1),
        (128, 256, 5, 1),
        (256, 512, 5, 1),
    ]
    assert network.features == 512 * 3 * 3


def test_the_width_scales_all_channels():
    assert convolutions(PixelNetwork(clusters=2, width=0.125))[-1] == (64, 64, 3, 2)


@pytest.mark.parametrize("size", [(8, 8), (9, 15), (31, 20)])
def test_pixel_answers_have_the_images_size_and_are_probabilities(size):
    network = PixelNetwork(clusters=4, copies=3, width=0.1).eval()
    answers = network(torch.rand(2, 3, *size))
    assert answers.shape == (3, 2, 4, *size)
    assert torch.allclose(answers.sum(dim=2), torch.ones(3, 2, *size), atol=1e-5)


def test_sub_heads_are_independent_and_answer_differently():
    heads = Heads(6, 3, copies=4)
    features = torch.randn(5, 6, 1, 1)
    answers = heads(features)
    assert len({tuple(copy.flatten().tolist()) for copy in answers}) == 4
    answers[2].square().sum().backward()
    touched = heads.layer.weight.grad.view(4, 3, 6).abs().sum(dim=(1, 2)) > 0
    assert touched.tolist() == [False, False, True, False]


def test_the_best_sub_head_is_the_one_with_the_lowest_loss():
    heads = Heads(4, 2, copies=3)
    for _ in range(5):
        heads.update_losses(torch.tensor([-0.1, -0.6, -0.3]))
    assert heads.best == 1
    kept = Heads(4, 2, copies=3)
    kept.load_state_dict(heads.state_dict())
    assert kept.best == 1


def test_auxiliary_and_main_head_share_the_trunk_and_take_turns():
    network = PhotoNetwork(clusters=4, auxiliary=20, width=0.1)
    assert [head.clusters for head in network.heads] == [20, 4]
    images = torch.rand(2, 3, 16, 16)
    assert network(images, network.auxiliary).shape == (1, 2, 20, 1, 1)
    assert PhotoNetwork(clusters=4, width=0.1).heads[0].clusters == 4


def test_with_sobel_input_hues_do_not_count():
    network = PixelNetwork(clusters=2, width=0.1, sobel=True).eval()
    red = torch.zeros(1, 3, 8, 8)
    red[:, 0, :, 4:] = 0.5
    grey = (red * torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(dim=1, keepdim=True)
    assert torch.allclose(network(red), network(grey.expand(1, 3, 8, 8)), atol=1e-5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Heads(4, 1), "clusters is 1: give 2"),
        (lambda: DigitNetwork((7, 8)), "7 × 8 pixels: 8 × 8 are needed"),
        (lambda: PixelNetwork(clusters=2, width=0), "width is 0"),
    ],
)
def test_networks_that_cannot_be_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
