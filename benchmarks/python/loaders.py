"""Decoding, resizing, normalising and batching as one writes it in Python: Pillow, torchvision's transforms, DataLoader."""
import glob
import os
import xml.etree.ElementTree as xml

import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from measure import report

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.environ.get("FOVEA_DATA", os.path.join(HERE, "..", "..", "..", "shared", "data"))


def steps(side):
    return transforms.Compose([
        transforms.Resize((side, side)), transforms.ToTensor(), transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])


class Flowers(Dataset):
    def __init__(self, side):
        self.files = sorted(glob.glob(os.path.join(DATA, "flowers", "*", "*.jpg")))
        self.classes = sorted({os.path.dirname(file) for file in self.files})
        self.steps = steps(side)

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        file = self.files[index]
        return self.steps(Image.open(file).convert("RGB")), self.classes.index(os.path.dirname(file))


class Cells(Dataset):
    def __init__(self, side):
        self.files = sorted(glob.glob(os.path.join(DATA, "bccd", "JPEGImages", "*.jpg")))
        self.side, self.steps = side, steps(side)
        self.boxes = [self.read(file) for file in self.files]

    @staticmethod
    def read(file):
        root = xml.parse(file.replace("JPEGImages", "Annotations").replace(".jpg", ".xml")).getroot()
        return torch.tensor([[float(item.find("bndbox/" + side).text) for side in ("xmin", "ymin", "xmax", "ymax")] for item in root.iter("object")])

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        image = Image.open(self.files[index]).convert("RGB")
        scale = torch.tensor([self.side / image.width, self.side / image.height] * 2)
        return self.steps(image), self.boxes[index] * scale


def keep_lists(samples):
    return torch.stack([image for image, _ in samples]), [boxes for _, boxes in samples]


def measure(dataset, collate):
    # Workers live on between epochs, which is kinder to Python than the default.
    loader = DataLoader(dataset, batch_size=16, shuffle=True, num_workers=os.cpu_count(), collate_fn=collate, persistent_workers=True)

    def work():
        for _ in loader:
            pass

    report(work, 8, len(dataset))
