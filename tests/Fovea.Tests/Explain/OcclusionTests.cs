using Fovea.Explain;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Tests.Explain;

[LeakCheck]
public class OcclusionTests
{
    [Fact]
    public void Finds_a_planted_object()
    {
        using var scope = new TensorScope();
        // Class 1 is the presence of a bright square anywhere.
        using var network = new SmallClassifier(new Conv2d(3, 1, 4), new ReLU(), new AdaptiveMaxPool2d(1), new Flatten(), new Linear(1, 2));
        using (Autograd.NoGrad())
        {
            ((Conv2d)network.Find("layers.0")).Weight.FillInPlace(1 / 48.0);
            ((Conv2d)network.Find("layers.0")).Bias!.FillInPlace(-0.5);
            ((Linear)network.Find("layers.4")).Weight.CopyInPlace(Tensor.FromArray(new[,] { { -8.0 }, { 8.0 } }));
            ((Linear)network.Find("layers.4")).Bias!.ZeroInPlace();
        }

        var images = Tensor.Randn([1, 3, 40, 48], Dtype.Float64) * 0.1;
        images.Narrow(2, 24, 4).Narrow(3, 9, 4).FillInPlace(1.5);
        var subject = network.Ask(images, 1);
        var confidences = Occlusion.Confidences(subject, side: 8, stride: 4);
        Assert.Equal([9, 11], confidences.Shape.ToArray());
        var sure = subject.Confidence(images).ToDouble();
        Assert.True(sure > 0.99);
        for (var place = 0; place < 9 * 11; place++)
        {
            var (top, left) = (place / 11 * 4, place % 11 * 4);
            var confidence = confidences[place / 11, place % 11].ToDouble();
            // The object lies in rows 24 to 27 and columns 9 to 12.
            if (top + 8 <= 24 || top >= 28 || left + 8 <= 9 || left >= 13)
                Assert.Equal(sure, confidence, 1e-9);
            else if (top <= 24 && top + 8 >= 28 && left <= 9 && left + 8 >= 13)
                Assert.InRange(confidence, 0, 0.51);
        }

        var loss = Occlusion.Loss(subject, 8, 4);
        Assert.Equal([40, 48], loss.Shape.ToArray());
        Assert.True(loss[24..28, 9..13].Min().ToDouble() > 0.2);
        Assert.Equal(0, loss[0..16, ..].Abs().Max().ToDouble(), 1e-9);
        var strongest = Occlusion.StrongestMap(subject, LayerChoice.Find(network, "layers.1"), 8, 4);
        Assert.Equal(strongest.Min().ToDouble(), strongest[6, 2].ToDouble(), 1e-9);
        Assert.True(strongest[0, 0].ToDouble() > strongest[6, 2].ToDouble());
    }

    [Fact]
    public void A_patch_that_shows_the_picture_changes_nothing()
    {
        using var scope = new TensorScope();
        using var network = SmallClassifier.WithMeans();
        var images = Tensor.Randn([1, 3, 17, 20], Dtype.Float64);
        var subject = network.Ask(images, 2);
        var confidences = Occlusion.Confidences(subject, 5, 3, images);
        Assert.Equal([5, 6], confidences.Shape.ToArray());
        Assert.Equal(subject.Confidence(images).ToDouble(), confidences.Max().ToDouble(), 1e-12);
        Assert.Equal(subject.Confidence(images).ToDouble(), confidences.Min().ToDouble(), 1e-12);
        Assert.Contains("within the picture", Assert.Throws<FoveaException>(() => Occlusion.Confidences(subject, 18, 3)).Message, StringComparison.Ordinal);
    }
}
