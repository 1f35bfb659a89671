"""A prediction from nothing: cold.py make FOLDER writes weights and a picture, cold.py predict FOLDER uses them once."""
import os
import sys

import torch
import torchvision
from PIL import Image


def make(folder):
    torch.manual_seed(0)
    torch.save(torchvision.models.resnet18(weights=None).state_dict(), os.path.join(folder, "weights.pth"))
    noise = torch.randint(0, 256, (60, 80, 3), dtype=torch.uint8).numpy()
    Image.fromarray(noise).resize((640, 480), Image.BICUBIC).save(os.path.join(folder, "image.jpg"))


def predict(folder):
    transforms = torchvision.transforms
    steps = transforms.Compose([
        transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(),
        transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ])
    model = torchvision.models.resnet18(weights=None)
    model.load_state_dict(torch.load(os.path.join(folder, "weights.pth")))
    model.eval()
    with torch.inference_mode():
        scores, classes = model(steps(Image.open(os.path.join(folder, "image.jpg")).convert("RGB"))[None]).softmax(1).topk(5)
    print(list(zip(classes[0].tolist(), scores[0].tolist())))


if __name__ == "__main__":
    {"make": make, "predict": predict}[sys.argv[1]](sys.argv[2])
