"""Training steps and predictions of torchvision's models: models.py train|predict MODEL BATCH SIZE."""
import os
import sys

import torch
import torchvision

from measure import report

torch.set_num_threads(os.cpu_count())
torch.manual_seed(0)


def detection_target(size):
    return {"boxes": torch.tensor([[size * 0.1, size * 0.1, size * 0.6, size * 0.7], [size * 0.4, size * 0.3, size * 0.9, size * 0.8]]),
            "labels": torch.tensor([1, 2])}


def main(mode, name, batch, size):
    detection = "rcnn" in name
    if detection:
        model = getattr(torchvision.models.detection, name)(weights=None, weights_backbone=None, min_size=size, max_size=size)
        images = [torch.rand(3, size, size) for _ in range(batch)]
    else:
        model = getattr(torchvision.models, name)(weights=None)
        images = torch.rand(batch, 3, size, size)
    if mode == "predict":
        model.eval()
        with torch.inference_mode():
            report(lambda: model(images), 10)
        return
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=0.9, weight_decay=1e-4)
    labels = torch.arange(batch) % 1000

    def step():
        optimizer.zero_grad(set_to_none=True)
        if detection:
            loss = sum(model(images, [detection_target(size) for _ in images]).values())
        else:
            loss = torch.nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()

    report(step, 5 if detection else 10)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
