"""Segmentation networks that torchvision lacks, restated in PyTorch with the layers of Fovea's."""
import torch
from torch import nn
from torch.nn import functional as F


def conv(i, o, k, act=True, **kwargs):
    kwargs.setdefault("padding", k // 2)
    layers = [nn.Conv2d(i, o, k, bias=False, **kwargs), nn.BatchNorm2d(o)]
    return nn.Sequential(*layers, nn.ReLU(inplace=True)) if act else nn.Sequential(*layers)


def enlarge(x, size, mode="bilinear"):
    return F.interpolate(x, size=size, mode=mode, **({"align_corners": False} if mode == "bilinear" else {}))


class UNet(nn.Module):
    """Ronneberger et al. 2015 with padded convolutions and batch normalisation."""

    def __init__(self, classes, channels=3):
        super().__init__()
        widths = [64, 128, 256, 512, 1024]
        pair = lambda i, o: nn.Sequential(conv(i, o, 3), conv(o, o, 3))
        self.down = nn.ModuleList(pair(i, o) for i, o in zip([channels] + widths, widths))
        self.up = nn.ModuleList(nn.ConvTranspose2d(w, w // 2, 2, stride=2) for w in widths[:0:-1])
        self.join = nn.ModuleList(pair(w, w // 2) for w in widths[:0:-1])
        self.head = nn.Conv2d(64, classes, 1)

    def forward(self, x):
        skips = []
        for level, block in enumerate(self.down):
            x = block(F.max_pool2d(x, 2) if level else x)
            skips.append(x)
        for up, join, skip in zip(self.up, self.join, skips[-2::-1]):
            x = join(torch.cat([skip, up(x)], 1))
        return {"out": self.head(x)}


class ENet(nn.Module):
    """Paszke et al. 2016."""

    class Block(nn.Module):
        def __init__(self, i, o, p, act, kind="regular", d=1):
            super().__init__()
            m = i // 4
            self.kind, self.o = kind, o
            first = (2, 2) if kind == "down" else (1, 1)
            unit = lambda *layers: [*layers, nn.BatchNorm2d(m), act()]
            if kind == "asymmetric":
                middle = [nn.Conv2d(m, m, (5, 1), padding=(2, 0), bias=False), *unit(), nn.Conv2d(m, m, (1, 5), padding=(0, 2), bias=False)]
            elif kind == "up":
                middle = [nn.ConvTranspose2d(m, m, 2, stride=2, bias=False)]
            else:
                middle = [nn.Conv2d(m, m, 3, padding=d, dilation=d, bias=False)]
            self.ext = nn.Sequential(*unit(nn.Conv2d(i, m, first, stride=first, bias=False)), *unit(*middle),
                                     nn.Conv2d(m, o, 1, bias=False), nn.BatchNorm2d(o), *([act()] if kind != "up" else []), nn.Dropout2d(p))
            self.main = nn.Sequential(nn.Conv2d(i, o, 1, bias=False), nn.BatchNorm2d(o)) if kind == "up" else None
            self.act = act()

        def forward(self, x, indices=None, size=None):
            if self.kind == "down":
                main, indices = F.max_pool2d(x, 2, return_indices=True)
                main = F.pad(main, (0, 0, 0, 0, 0, self.o - main.shape[1]))
                return self.act(main + self.ext(x)), indices
            if self.kind == "up":
                return self.act(F.max_unpool2d(self.main(x), indices, 2) + self.ext(x))
            return self.act(x + self.ext(x))

    def __init__(self, classes, channels=3):
        super().__init__()
        relu = lambda: nn.ReLU(inplace=True)
        self.stem, self.norm, self.act = nn.Conv2d(channels, 16 - channels, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(16), nn.PReLU()
        mixed = lambda: [self.Block(128, 128, 0.1, nn.PReLU, k, d) for k, d in
                         [("regular", 1), ("regular", 2), ("asymmetric", 1), ("regular", 4), ("regular", 1), ("regular", 8), ("asymmetric", 1), ("regular", 16)]]
        self.down1, self.stage1 = self.Block(16, 64, 0.01, nn.PReLU, "down"), nn.Sequential(*[self.Block(64, 64, 0.01, nn.PReLU) for _ in range(4)])
        self.down2, self.stage2 = self.Block(64, 128, 0.1, nn.PReLU, "down"), nn.Sequential(*mixed(), *mixed())
        self.up4, self.stage4 = self.Block(128, 64, 0.1, relu, "up"), nn.Sequential(*[self.Block(64, 64, 0.1, relu) for _ in range(2)])
        self.up5, self.stage5 = self.Block(64, 16, 0.1, relu, "up"), self.Block(16, 16, 0.1, relu)
        self.head = nn.ConvTranspose2d(16, classes, 3, stride=2, padding=1, output_padding=1, bias=False)

    def forward(self, x):
        x = self.act(self.norm(torch.cat([self.stem(x), F.max_pool2d(x, 3, 2, 1)], 1)))
        x, first = self.down1(x)
        x, second = self.down2(self.stage1(x))
        x = self.up4(self.stage2(x), second)
        x = self.up5(self.stage4(x), first)
        return {"out": self.head(self.stage5(x))}


class BiSeNet(nn.Module):
    """Yu et al. 2018 on ResNet-18, with its two auxiliary heads while training."""

    class Refine(nn.Module):
        def __init__(self, i):
            super().__init__()
            self.conv, self.gate = conv(i, 128, 3), conv(128, 128, 1, act=False)

        def forward(self, x):
            x = self.conv(x)
            return x * self.gate(x.mean((2, 3), keepdim=True)).sigmoid()

    def __init__(self, classes):
        super().__init__()
        import torchvision
        self.body = torchvision.models.resnet18(weights=None)
        del self.body.fc
        self.spatial = nn.Sequential(conv(3, 64, 7, stride=2), conv(64, 64, 3, stride=2), conv(64, 64, 3, stride=2), conv(64, 128, 1))
        self.refine16, self.refine32 = self.Refine(256), self.Refine(512)
        self.tail, self.head32, self.head16 = conv(512, 128, 1), conv(128, 128, 3), conv(128, 128, 3)
        self.fuse, self.weigh = conv(256, 256, 1), conv(256, 256, 1, act=False)
        head = lambda i, m: nn.Sequential(conv(i, m, 3), nn.Conv2d(m, classes, 1))
        self.out, self.out16, self.out32 = head(256, 256), head(128, 64), head(128, 64)

    def forward(self, x):
        size, body = x.shape[2:], self.body
        f8 = body.layer2(body.layer1(body.maxpool(body.relu(body.bn1(body.conv1(x))))))
        f16 = body.layer3(f8)
        f32 = body.layer4(f16)
        c32 = self.head32(enlarge(self.refine32(f32) + self.tail(f32.mean((2, 3), keepdim=True)), f16.shape[2:], "nearest"))
        c16 = self.head16(enlarge(self.refine16(f16) + c32, f8.shape[2:], "nearest"))
        fused = self.fuse(torch.cat([self.spatial(x), c16], 1))
        fused = fused * self.weigh(fused.mean((2, 3), keepdim=True)).sigmoid() + fused
        results = {"out": enlarge(self.out(fused), size)}
        if self.training:
            results["aux16"], results["aux32"] = enlarge(self.out16(c16), size), enlarge(self.out32(c32), size)
        return results
