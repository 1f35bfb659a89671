using Fovea.Explain;
using Fovea.Models.Classification;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Tests.Explain;

/// <summary>A network small enough to be checked by hand, in double precision.</summary>
internal sealed class SmallClassifier : ImageClassifier
{
    private readonly Sequential layers;

    public SmallClassifier(params Layer[] layers)
    {
        this.layers = Child("layers", new Sequential(layers));
        Preprocessing = new Preprocessing();
        To(dtype: Dtype.Float64);
        Eval();
    }

    public override IReadOnlyList<string> HeadPrefixes => ["layers."];

    /// <summary>Convolutions, ReLUs and a max pool, then the mean of every map and a linear layer.</summary>
    public static SmallClassifier WithMeans(bool hasBias = true) => new(
        new Conv2d(3, 6, 3, padding: 1, hasBias: hasBias), new ReLU(inPlace: true), new MaxPool2d(2), new Conv2d(6, 5, 3, padding: 1, hasBias: hasBias), new ReLU(inPlace: true),
        new AdaptiveAvgPool2d(1), new Flatten(), new Linear(5, 4, hasBias));

    /// <summary>The same up to the maps, then a linear layer on all cells.</summary>
    public static SmallClassifier WithCells(int cells, bool hasBias = true) => new(
        new Conv2d(3, 6, 3, padding: 1, hasBias: hasBias), new ReLU(inPlace: true), new MaxPool2d(3, stride: 2), new Conv2d(6, 5, 3, hasBias: hasBias), new ReLU(inPlace: true),
        new Flatten(), new Linear(5 * cells, 4, hasBias));

    public override Tensor Logits(Tensor images) => layers.Forward(images);

    /// <summary>A question about random or given values.</summary>
    public Subject Ask(Tensor images, int label) => new(this, BatchOf(images), new ClassTarget(label));

    public static Batch BatchOf(Tensor images)
    {
        var size = new ImageSize((int)images.Shape[2], (int)images.Shape[3]);
        return new Batch { Images = images, Origins = [new ImageOrigin("picture", "picture", size, size)] };
    }
}
