"""The twins of benchmarks/Fovea.Benchmarks/Cases, in PyTorch, torchvision and NumPy."""
import os
import sys

import torch
import torchvision

from measure import report

torch.set_num_threads(os.cpu_count())


def random_boxes(count, side):
    torch.manual_seed(0)
    corners = torch.rand(count, 2) * (side * 0.8)
    sizes = torch.rand(count, 2) * (side * 0.2) + 1
    return torch.cat([corners, corners + sizes], 1), torch.rand(count)


def small_op():
    a, b = torch.rand(4), torch.rand(4)

    def work():
        for _ in range(100_000):
            a + b

    report(work, 15, 100_000)


def nms():
    boxes, scores = random_boxes(5000, 800)
    report(lambda: torchvision.ops.nms(boxes, scores, 0.7), 30)


def align_inputs():
    torch.manual_seed(0)
    features = torch.rand(1, 256, 200, 200)
    boxes, _ = random_boxes(512, 800)
    return features, torch.cat([torch.zeros(512, 1), boxes], 1)


def roi_align():
    features, regions = align_inputs()
    report(lambda: torchvision.ops.roi_align(features, regions, 7, 0.25, 2, False), 20)


def roi_align_backward():
    features, regions = align_inputs()
    features.requires_grad_(True)
    report(lambda: torchvision.ops.roi_align(features, regions, 7, 0.25, 2, False).sum().backward(), 10)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
