"""Training steps and predictions of torchvision's models and of those in networks.py.

models.py train|predict MODEL BATCH SIZE [FILE]   with FILE, the weights that it would begin with are only written there
"""
import os
import sys

import torch
import torchvision
from torch.nn.functional import cross_entropy

import networks
from measure import report

torch.set_num_threads(os.cpu_count())
torch.manual_seed(0)

# What fovea bench trains with.
CLASSES = 10
OWN = {"unet": (networks.UNet, 2), "enet": (networks.ENet, 11), "bisenet_resnet18": (networks.BiSeNet, 19)}


def detector(name, batch, size, train):
    model = getattr(torchvision.models.detection, name)(
        weights=None, weights_backbone=None, min_size=size, max_size=size, **({"num_classes": CLASSES + 1} if train else {}))
    images = [torch.rand(3, size, size) for _ in range(batch)]
    target = {"boxes": torch.tensor([[size * 0.1, size * 0.1, size * 0.6, size * 0.7], [size * 0.4, size * 0.3, size * 0.9, size * 0.8]]),
              "labels": torch.tensor([1, 2])}
    return model, lambda: sum(model(images, [target] * batch).values()), lambda: model(images)


def segmenter(name, batch, size, train):
    if name in OWN:
        make, classes = OWN[name]
        model = make(CLASSES if train else classes)
    else:
        model = getattr(torchvision.models.segmentation, name)(weights=None, weights_backbone=None, aux_loss=True, **({"num_classes": CLASSES} if train else {}))
    images, maps = torch.rand(batch, 3, size, size), torch.randint(0, CLASSES, (batch, size, size))
    loss = lambda: sum((0.5 if k == "aux" else 1) * cross_entropy(v, maps) for k, v in model(images).items())
    return model, loss, lambda: model(images)["out"].argmax(1)


def classifier(name, batch, size, train):
    extra = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    model = getattr(torchvision.models, name)(weights=None, **extra, **({"num_classes": CLASSES} if train else {}))
    images, labels = torch.rand(batch, 3, size, size), torch.arange(batch) % CLASSES

    def loss():
        outputs = model(images)
        if isinstance(outputs, torch.Tensor):
            return cross_entropy(outputs, labels)
        return cross_entropy(outputs[0], labels) + 0.4 * sum(cross_entropy(o, labels) for o in outputs[1:])

    return model, loss, lambda: model(images).softmax(1)


def main(mode, name, batch, size, weights=None):
    train = mode == "train"
    make = detector if "rcnn" in name else segmenter if name in OWN or hasattr(torchvision.models.segmentation, name) else classifier
    model, loss, predict = make(name, batch, size, train)
    if weights:
        # Norms of networks without published weights count batches; those that stand still, as in Fovea's detectors, have no such entry.
        torch.save({k: v for k, v in model.state_dict().items() if not k.endswith("num_batches_tracked")}, weights)
        return
    if not train:
        model.eval()
        with torch.inference_mode():
            report(predict, 10)
        return
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=0.9, weight_decay=1e-4)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss().backward()
        optimizer.step()

    report(step, 5 if make is detector else 10)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), *sys.argv[5:])
