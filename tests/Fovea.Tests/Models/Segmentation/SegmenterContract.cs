using Fovea.Models;
using Fovea.Models.Segmentation;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Optim;

namespace Fovea.Tests.Models.Segmentation;

/// <summary>What every network that gives a class for every pixel must do with small pictures.</summary>
internal static class SegmenterContract
{
    /// <summary>A batch whose classes can be told from the pictures: class 1 where the first channel is above zero.</summary>
    public static Batch Batch(int count, int channels, int height, int width)
    {
        RandomState.Seed(11);
        // Coarse noise, so that a network that works at an eighth of the resolution can learn it.
        var images = Tensor.Randn([count, channels, (height + 7) / 8, (width + 7) / 8]).UpsampleNearest2d([height, width]);
        var origin = new ImageOrigin("", "", new ImageSize(height, width), new ImageSize(height, width));
        return new Batch { Images = images, Maps = images[.., 0].Gt(0).To(Dtype.Int64), Origins = [.. Enumerable.Repeat(origin, count)] };
    }

    /// <summary>Checks that a few steps lower the loss, that every weight but those named is reached, and that maps have the size of the pictures.</summary>
    public static void Learns(Segmenter model, Batch batch, int steps = 6, double rate = 0.02, Func<string, bool>? idle = null)
    {
        using var optimizer = new Sgd([ParameterGroup.Of(model, rate)], momentum: 0.9);
        double first = 0, last = 0;
        for (var step = 0; step < steps; step++)
        {
            using var scope = new TensorScope();
            optimizer.ZeroGradients();
            var loss = model.Loss(batch).Total();
            loss.Backward();
            if (step == 0)
                Assert.All(model.NamedParameters(), p => Assert.True(p.Value.Gradient is not null || idle?.Invoke(p.Key) == true, $"{p.Key} has no gradient"));
            optimizer.Step();
            last = loss.ToDouble();
            if (step == 0)
                first = last;
        }

        Assert.True(last < 0.95 * first, $"the loss went from {first} to {last}");
        model.Eval();
        Assert.Equal(batch.Origins[0].OriginalSize, model.Predict(batch)[^1].Map!.Size);
    }

    /// <summary>Checks that pictures of other sizes and channels give scores of their size.</summary>
    public static void TakesAnySize(Segmenter model, int channels, int classes, params (int Height, int Width)[] sizes)
    {
        using var noGrad = Autograd.NoGrad();
        model.Eval();
        foreach (var (height, width) in sizes)
        {
            using var scope = new TensorScope();
            Assert.All(model.Forward(Tensor.Rand([1, channels, height, width])), o => Assert.Equal([1, classes, height, width], o.Value.Shape));
        }
    }

    /// <summary>Checks that norms folded into convolutions change nothing, and half the bits little.</summary>
    public static void KeepsItsScoresInAPlan(Segmenter model, int channels)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        model.Eval();
        var images = Tensor.Randn([1, channels, 40, 64]);
        var expected = model.Forward(images)[0].Value;
        var scale = expected.Abs().Max().ToDouble();
        using (InferencePlan.Create(model))
            Assert.Equal(0, (model.Forward(images)[0].Value - expected).Abs().Max().ToDouble(), 1e-4 * scale);
        using (InferencePlan.Create(model, Dtype.BFloat16))
            Assert.Equal(0, (model.Forward(images)[0].Value.To(Dtype.Float32) - expected).Abs().Mean().ToDouble(), 0.05 * scale);
    }

    /// <summary>Builds a network of the catalogue.</summary>
    public static Segmenter Build(string name, int classes, int inChannels = 3)
    {
        RandomState.Seed(5);
        return (Segmenter)ModelCatalog.Find(name).Build(new ModelOptions { Outputs = classes, InChannels = inChannels });
    }
}
