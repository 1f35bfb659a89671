using Fovea.Models.Detection;
using Fovea.Torch;

namespace Fovea.Tests.Models.Detection;

[LeakCheck]
public class FocalLossTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(91)]
    public void Sum_and_gradient_equal_torchvisions(int outputs)
    {
        var random = new Random(outputs);
        const int Anchors = 700;
        var logits = Enumerable.Range(0, 2 * Anchors * outputs).Select(_ => (float)(random.NextDouble() * 24 - 14)).ToArray();
        var classes = Enumerable.Range(0, 2 * Anchors).Select(_ => random.Next(10) == 0 ? random.Next(outputs) : (long)-random.Next(1, 3)).ToArray();
        var answer = PythonReference.Run(
            """
            import torch
            from torchvision.ops import sigmoid_focal_loss
            logits = T(logits).requires_grad_(); classes = T(classes)
            truth = (torch.arange(logits.shape[2]) == classes[..., None]).float()
            loss = sum(sigmoid_focal_loss(logits[i][classes[i] != -2], truth[i][classes[i] != -2], reduction='sum') * weight for i, weight in enumerate([0.5, 0.25]))
            loss.backward()
            out['loss'] = loss; out['gradient'] = logits.grad
            """,
            ("logits", new NdArray(logits, 2, Anchors, outputs)), ("classes", new NdArray(classes, 2, Anchors)));
        using var scope = new TensorScope();
        foreach (var compose in new[] { false, true })
        {
            var input = Tensor.FromArray(logits, [2, Anchors, outputs]);
            input.RequiresGrad = true;
            var truth = Tensor.FromArray(classes, [2, Anchors]);
            var loss = compose ? FocalLoss.Compose(input, truth, [0.5f, 0.25f]) : FocalLoss.Sum(input, truth, [0.5f, 0.25f]);
            Assert.Equal(answer.Floats("loss")[0], loss.ToSingle(), answer.Floats("loss")[0] * 1e-5f);
            (loss * 2).Backward();
            DetectorParityTests.AssertClose([.. answer.Floats("gradient").Select(g => 2 * g)], input.Gradient!.ToArray<float>(), 1e-5f, "gradient");
        }
    }

    [Fact]
    public void Well_classified_anchors_count_little()
    {
        // p_t = 0.9: 0.25 * 0.01 * ln(1 / 0.9) for a positive, three times that for a negative.
        using var scope = new TensorScope();
        var logit = (float)Math.Log(9);
        var positive = FocalLoss.Sum(Tensor.FromArray([logit], [1, 1, 1]), Tensor.FromArray([0L], [1, 1]), [1]).ToDouble();
        var negative = FocalLoss.Sum(Tensor.FromArray([-logit], [1, 1, 1]), Tensor.FromArray([-1L], [1, 1]), [1]).ToDouble();
        Assert.Equal(2.6340e-4, positive, 1e-8);
        Assert.Equal(7.9020e-4, negative, 1e-8);
    }

    [Fact]
    public void Huge_logits_give_finite_numbers()
    {
        using var scope = new TensorScope();
        var input = Tensor.FromArray(Enumerable.Repeat(new[] { 1000f, -1000f, 88f, -88f }, 8).SelectMany(x => x).ToArray(), [1, 16, 2]);
        input.RequiresGrad = true;
        var loss = FocalLoss.Sum(input, Tensor.FromArray(Enumerable.Range(0, 16).Select(i => i % 3 - 1L).ToArray(), [1, 16]), [1]);
        loss.Backward();
        Assert.True(double.IsFinite(loss.ToDouble()));
        Assert.True(input.Gradient!.Isfinite().All().ToBoolean());
    }
}
