using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Classification;

/// <summary>
/// Deep Neural Networks Segment Neuronal Membranes in Electron Microscopy Images (Cireşan, Giusti, Gambardella, Schmidhuber, NIPS 2012),
/// network N4: what a pixel is, judged by the 95x95 pixels around it, which won the ISBI challenge that U-Net won later. Four times a
/// convolution without padding and a pooling, then two linear layers. <c>[N, C, 95, 95]</c> to <c>[N, K]</c>. Run over every pixel of an image
/// at once it is <see cref="Segmentation.DensePatches"/>.
/// </summary>
public sealed class PatchClassifier : ImageClassifier
{
    /// <summary>Side of the window, pixels.</summary>
    public const int Side = 95;

    private const int Maps = 48;
    private const int Hidden = 200;

    private static readonly int[] Kernels = [4, 5, 4, 4];

    private readonly Conv2d[] convolutions = new Conv2d[Kernels.Length];
    private readonly Conv2d hidden;
    private readonly Conv2d head;
    private readonly int inChannels;

    /// <summary>Creates the network.</summary>
    /// <param name="inChannels">Channels of the images, C.</param>
    /// <param name="classes">Number of classes, K.</param>
    public PatchClassifier(int inChannels, int classes)
    {
        this.inChannels = inChannels;
        for (var i = 0; i < Kernels.Length; i++)
            convolutions[i] = Child($"conv{i + 1}", new Conv2d(i == 0 ? inChannels : Maps, Maps, Kernels[i]));
        // Linear layers over a 3x3 map are convolutions of that size.
        hidden = Child("fc1", new Conv2d(Maps, Hidden, 3));
        head = Child("fc2", new Conv2d(Hidden, classes, 1));
        foreach (var (_, module) in Children)
        {
            Init.KaimingNormal(((Conv2d)module).Weight);
            Init.Constant(((Conv2d)module).Bias!, 0);
        }

        Preprocessing = PublishedInput.Exact(inChannels, Side);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadPrefixes => ["fc2."];

    /// <inheritdoc/>
    /// <exception cref="FoveaException">The images are of another size or have other channels.</exception>
    public override Tensor Logits(Tensor images)
    {
        PublishedInput.RequireExactly("patch network", images, inChannels, Side, "the surroundings of one pixel each");
        using var scope = new TensorScope();
        return scope.Keep(Strided(images).Flatten(1));
    }

    /// <summary>The scores of the windows that start at every 16th pixel: what a fully convolutional network gives.</summary>
    /// <param name="images"><c>[N, C, H, W]</c> with sides of at least 95.</param>
    /// <returns><c>[N, K, (H - 95) / 16 + 1, (W - 95) / 16 + 1]</c>.</returns>
    public Tensor Strided(Tensor images) => Run(images, isDense: false);

    /// <summary>The scores of the windows that start at every pixel, each computed once: pools step by one and what follows them reaches twice as far.</summary>
    /// <param name="images"><c>[N, C, H, W]</c> with sides of at least 95.</param>
    /// <returns><c>[N, K, H - 94, W - 94]</c>.</returns>
    public Tensor Dense(Tensor images) => Run(images, isDense: true);

    private Tensor Run(Tensor images, bool isDense)
    {
        using var scope = new TensorScope();
        var (current, dilation) = (images, 1L);
        foreach (var convolution in convolutions)
        {
            // The paper scales the tanh; a ReLU trains faster.
            var rectified = Spread(current, convolution, dilation).Relu();
            if (!ReferenceEquals(current, images))
                current.Dispose();
            current = isDense ? rectified.MaxPool2d([2, 2], [1, 1], [0, 0], [dilation, dilation], false) : rectified.MaxPool2d([2, 2], [2, 2], [0, 0], [1, 1], false);
            rectified.Dispose();
            dilation *= isDense ? 2 : 1;
        }

        return scope.Keep(Spread(Spread(current, hidden, dilation).Relu(), head, 1));
    }

    private static Tensor Spread(Tensor input, Conv2d layer, long dilation) => Aten.Conv2d(input, layer.Weight, layer.Bias, [1, 1], [0, 0], [dilation, dilation], 1);
}
