using Fovea.Losses;
using Fovea.Models;
using Fovea.Models.Classification;
using Fovea.Models.Segmentation;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Optim;

namespace Fovea.Tests.Models;

/// <summary>What every network of the catalogue owes its callers.</summary>
[LeakCheck]
public class ModelContractTests
{
    public static TheoryData<string> Names => [.. ModelCatalog.All.Select(e => e.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_catalogue_tells_the_truth(string name)
    {
        using var skip = Init.Skip();
        var entry = ModelCatalog.Find(name);
        using var model = entry.Build(new ModelOptions { Outputs = entry.DefaultOutputs, InChannels = entry.DefaultInChannels });
        Assert.Equal(entry.Parameters, model.ParameterCount());
        Assert.Equal(entry.Task, model.Task);
        Assert.True(model.IsTraining);
        // The head, and nothing but the head, depends on the number of classes.
        using var other = entry.Build(new ModelOptions { Outputs = entry.DefaultOutputs + 1, InChannels = entry.DefaultInChannels });
        var before = model.StateDict();
        var after = other.StateDict();
        Assert.Equal(before.Select(t => t.Key), after.Select(t => t.Key));
        foreach (var ((key, a), (_, b)) in before.Zip(after))
        {
            if (!model.HeadPrefixes.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal)))
                Assert.True(a.Shape == b.Shape, $"{name}: {key} depends on the number of classes but is under none of {string.Join(", ", model.HeadPrefixes)}");
        }

        foreach (var prefix in model.HeadPrefixes)
            Assert.Contains(before, t => t.Key.StartsWith(prefix, StringComparison.Ordinal));
    }

    [Fact]
    public void Lenet_learns_and_gives_probabilities()
    {
        RandomState.Seed(0);
        using var outer = new TensorScope();
        using var model = new LeNet5(classes: 3);
        using var batch = new Batch { Images = Tensor.Randn([6, 1, 28, 28]), Origins = Origins(6, 28, 28), Labels = Tensor.FromArray<long>([0, 1, 2, 0, 1, 2]) };
        var (first, last) = Overfit(model, batch, 40, 0.05);
        Assert.True(last < first / 4, $"the loss went from {first} to {last}");
        model.Eval();
        var predictions = model.Predict(batch);
        Assert.Equal([0, 1, 2, 0, 1, 2], predictions.Select(p => Array.IndexOf(p.Probabilities!, p.Probabilities!.Max())));
        Assert.All(predictions, p => Assert.Equal(1, p.Probabilities!.Sum(), 1e-5));
        var error = Assert.Throws<FoveaException>(() => model.Logits(Tensor.Rand([1, 1, 32, 32])));
        Assert.Contains("[1, 1, 32, 32]", error.Message, StringComparison.Ordinal);
        using var unlabelled = new Batch { Images = Tensor.Rand([1, 1, 28, 28]), Origins = Origins(1, 28, 28) };
        Assert.Throws<FoveaException>(() => model.Loss(unlabelled));
    }

    [Fact]
    public void A_u_net_learns_and_draws_its_map()
    {
        RandomState.Seed(0);
        using var outer = new TensorScope();
        using var model = new UNet(1, 2) { Criteria = [new("cross_entropy", new CrossEntropy { IgnoreIndex = 255 }), new("dice", new Dice())] };
        var images = Tensor.Randn([2, 1, 32, 32]);
        var maps = images[.., 0].Gt(0.5).To(Dtype.Int64);
        maps[.., 0, ..8].FillInPlace(255);
        using var batch = new Batch { Images = images, Origins = Origins(2, 32, 32), Maps = maps };
        Assert.Equal(["cross_entropy", "dice"], model.Loss(batch).Terms.Select(t => t.Key));
        var (first, last) = Overfit(model, batch, 12, 0.05);
        Assert.True(last < first / 2, $"the loss went from {first} to {last}");
        model.Eval();
        var map = model.Predict(batch)[1].Map!;
        Assert.Equal(new ImageSize(32, 32), map.Size);
        Assert.Equal(new byte[] { 0, 1 }, map.Values.Distinct().Order());
        using var unlabelled = new Batch { Images = Tensor.Rand([1, 1, 16, 16]), Origins = Origins(1, 16, 16) };
        Assert.Throws<FoveaException>(() => model.Loss(unlabelled));
    }

    private static (double First, double Last) Overfit(VisionModel model, Batch batch, int steps, double rate)
    {
        using var optimizer = new Sgd([ParameterGroup.Of(model, rate)], momentum: 0.9);
        double first = 0, last = 0;
        for (var step = 0; step < steps; step++)
        {
            using var scope = new TensorScope();
            optimizer.ZeroGradients();
            var loss = model.Loss(batch).Total();
            loss.Backward();
            optimizer.Step();
            last = loss.ToDouble();
            if (step == 0)
                first = last;
        }

        return (first, last);
    }

    private static ImageOrigin[] Origins(int count, int height, int width) =>
        [.. Enumerable.Range(0, count).Select(i => new ImageOrigin($"{i}.png", $"{i}", new ImageSize(height, width), new ImageSize(height, width)))];
}
