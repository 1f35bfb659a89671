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


class Lcg:
    """The generator of the C# twin, so that both sides judge the same boxes."""

    def __init__(self):
        self.state = 1

    def next(self, end):
        self.state = (self.state * 1103515245 + 12345) & 0x7fffffff
        return (self.state >> 8) % end


def coco_eval():
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "python"))
    import numpy as np
    import coco_reference as coco

    random = Lcg()

    def instance():
        return [random.next(20), random.next(500), random.next(400), 5 + random.next(150), 5 + random.next(150)]

    def shifted(item):
        return [item[0], item[1] + random.next(9), item[2] + random.next(9), item[3], item[4], random.next(1000) / 1000]

    images = [[instance() for _ in range(random.next(15))] for _ in range(300)]
    results = [[shifted(item) for item in items] + [shifted(instance()) for _ in range(random.next(27))] for items in images]
    truth = np.array([[i, t[0], t[3] * t[4], 0] for i, items in enumerate(images) for t in items], float)
    found = np.array([[i, f[0], f[3] * f[4], f[5]] for i, items in enumerate(results) for f in items], float)
    true_boxes = np.array([[t[1], t[2], t[1] + t[3], t[2] + t[4]] for items in images for t in items], float)
    found_boxes = np.array([[f[1], f[2], f[1] + f[3], f[2] + f[4]] for items in results for f in items], float)
    report(lambda: coco.evaluate(truth, found, lambda f, t: coco.box_overlap(found_boxes[f], true_boxes[t], truth[t, 3]), 20, 300), 3)


def confusion():
    import numpy as np

    y, x = np.mgrid[:1024, :2048]
    truth = np.where((x // 160 + y // 90) % 23 == 0, 255, (x // 160 + 3 * (y // 90)) % 19).astype(np.uint8)
    noise = np.where((y * 2048 + x) % 997 == 0, 5, 0)
    prediction = ((np.maximum(0, x - 3) // 160 + 3 * (y // 90) + noise) % 19).astype(np.uint8)
    total = np.zeros((19, 19), np.int64)

    def add():
        known = truth < 19
        total[:] += np.bincount(19 * truth[known].astype(np.int64) + prediction[known], minlength=361).reshape(19, 19)

    def work():
        add()
        add()

    report(work, 20)


def surface():
    import numpy as np
    from scipy.ndimage import binary_erosion, distance_transform_edt

    def discs(shift):
        y, x = np.mgrid[:768, :768]
        return ((y - 384) ** 2 + (x - 384 - shift) ** 2 < 200 ** 2) | ((y - 150 - shift) ** 2 + (x - 600) ** 2 < 80 ** 2)

    truth, prediction = discs(0), discs(9)

    def work():
        a, b = truth ^ binary_erosion(truth), prediction ^ binary_erosion(prediction)
        to_prediction, to_truth = distance_transform_edt(~b)[a], distance_transform_edt(~a)[b]
        both = np.concatenate([to_prediction, to_truth])
        recall, precision = (to_prediction <= 3).mean(), (to_truth <= 3).mean()
        return both.max(), max(np.percentile(to_prediction, 95), np.percentile(to_truth, 95)), both.mean(), 2 * precision * recall / (precision + recall)

    report(work, 10)


def loader():
    import loaders

    loaders.measure(loaders.Flowers(224), None)


def loader_detection():
    import loaders

    loaders.measure(loaders.Cells(416), loaders.keep_lists)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
