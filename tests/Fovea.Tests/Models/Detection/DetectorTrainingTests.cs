using Fovea.Models.Detection;
using Fovea.Torch;
using Fovea.Torch.Optim;
using Fovea.Torch.Serialization;

namespace Fovea.Tests.Models.Detection;

[LeakCheck]
public class DetectorTrainingTests
{
    private const int Steps = 3;

    [Theory]
    [InlineData("fasterrcnn", 3, false)]
    [InlineData("maskrcnn", 3, true)]
    [InlineData("retinanet", 2, true)]
    public void Losses_gradients_and_weights_after_three_steps_equal_torchvisions(string kind, int outputs, bool oneImageIsEmpty)
    {
        using var file = TorchvisionDetector.WeightsPath();
        using var gradients = TorchvisionDetector.WeightsPath();
        using var trained = TorchvisionDetector.WeightsPath();
        var first = kind == "retinanet" ? 0 : 1;
        var answer = TorchvisionDetector.Run(
            $$"""
            model = enliven(build('{{kind}}', 18, {{outputs}}, channels=32, min_size=64, max_size=64), gain=4).train()
            torch.save(model.state_dict(), '{{file.Path}}')
            pictures = images(2, 64, 64)
            targets = [{'boxes': torch.tensor([[8., 10, 50, 60], [30, 8, 63, 55], [30.5, 20.25, 59, 51]]), 'labels': torch.tensor([0, 1, 0]) + {{first}}},
                       {'boxes': torch.tensor([[10., 5, 48, 60]]), 'labels': torch.tensor([1]) + {{first}}}]
            if {{(oneImageIsEmpty ? 1 : 0)}}: targets[1] = {'boxes': torch.zeros(0, 4), 'labels': torch.zeros(0, dtype=torch.int64)}
            y, x = torch.meshgrid(torch.arange(64), torch.arange(64), indexing='ij')
            for i, target in enumerate(targets):
                ellipses = [((x - (b[0] + b[2]) / 2) / (b[2] - b[0])) ** 2 + ((y - (b[1] + b[3]) / 2) / (b[3] - b[1])) ** 2 < 0.25 for b in target['boxes']]
                target['masks'] = torch.stack(ellipses).byte() if ellipses else torch.zeros(0, 64, 64, dtype=torch.uint8)
                for name, value in target.items(): out[f'{name}.{i}'] = value
            model.transform.torch_choice = lambda sizes: sizes[0]  # it would draw from the stream that the samplers draw from
            out['images'] = model.transform(pictures)[0].tensors
            optimizer = torch.optim.SGD(model.parameters(), lr=0.0001, momentum=0.9, weight_decay=1e-4)
            for step in range({{Steps}}):
                torch.manual_seed(step)
                losses = model(pictures, targets)
                optimizer.zero_grad()
                sum(losses.values()).backward()
                if step == 0: torch.save({name: p.grad for name, p in model.named_parameters()}, '{{gradients.Path}}')
                optimizer.step()
                for name, value in losses.items(): out[f'{name}.{step}'] = value
            torch.save(model.state_dict(), '{{trained.Path}}')
            """);
        using var scope = new TensorScope();
        using var model = TorchvisionDetector.Load($"{kind}_resnet18_fpn", outputs, file.Path, new DetectorOptions { PyramidChannels = 32 });
        model.Train();
        using var batch = BatchOf(answer, first);
        using var optimizer = new Sgd([ParameterGroup.Of(model, 0.0001, 1e-4)], momentum: 0.9);
        for (var step = 0; step < Steps; step++)
        {
            using var inner = new TensorScope();
            RandomState.Seed((ulong)step);
            var losses = model.Loss(batch);
            foreach (var (name, value) in losses.Terms)
                AssertNear(answer[$"{name}.{step}"].To<float>(), value.ToArray<float>(), step == 0 ? 1e-5 : 2e-3, $"{name} at step {step}");
            model.ZeroGradients();
            losses.Total().Backward();
            if (step == 0)
                AssertSame(gradients.Path, model.NamedParameters().Select(p => KeyValuePair.Create(p.Key, p.Value.Gradient!)), 2e-3);

            optimizer.Step();
        }

        AssertSame(trained.Path, model.StateDict(), 1e-3);
    }

    private static void AssertSame(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, double tolerance)
    {
        using var scope = new TensorScope();
        using var file = WeightsFile.Open(path);
        foreach (var (name, tensor) in tensors)
        {
            var expected = StateDict.ToTensor(file.Tensors[name]).To(Dtype.Float32).ToArray<float>();
            AssertNear(expected, tensor.To(Dtype.Float32).ToArray<float>(), tolerance, name);
        }
    }

    private static Batch BatchOf(PythonReference answer, int first) => new()
    {
        Images = TorchvisionDetector.ToTensor(answer["images"]),
        Origins = [.. Enumerable.Range(0, 2).Select(i => new ImageOrigin($"image{i}", $"{i}", new ImageSize(64, 64), new ImageSize(64, 64)))],
        Targets = [.. Enumerable.Range(0, 2).Select(i => new DetectionTarget(
            TorchvisionDetector.ToTensor(answer[$"boxes.{i}"]), TorchvisionDetector.ToTensor(answer[$"labels.{i}"]) - first, TorchvisionDetector.ToTensor(answer[$"masks.{i}"])))],
    };

    /// <summary>Norm of the difference relative to the norm of the expected values.</summary>
    private static void AssertNear(float[] expected, float[] actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        var (difference, norm) = (0.0, 0.0);
        for (var i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow(expected[i] - actual[i], 2);
            norm += Math.Pow(expected[i], 2);
        }

        Assert.True(Math.Sqrt(difference) <= tolerance * Math.Sqrt(norm) + 1e-7, $"{what}: the difference is {Math.Sqrt(difference / norm)} of the values");
    }
}
