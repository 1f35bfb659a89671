using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Models.Detection;

/// <summary>
/// One of RetinaNet's two subnets, shared by all levels: four 3 x 3 convolutions with ReLU, then one to the outputs of every
/// anchor. Lin et al. 2017, Focal Loss for Dense Object Detection, figure 3 (c) and (d).
/// </summary>
/// <remarks>Keys <c>conv.i.0</c> and the name of the last layer. Weights begin as N(0, 0.01), biases as 0.</remarks>
public sealed class RetinaNetSubnet : Module
{
    private const int Depth = 4;
    private const int PublishedChannels = 256;

    private readonly Sequential conv;
    private readonly Conv2d last;
    private readonly int numbers;

    /// <summary>Creates the subnet.</summary>
    /// <param name="channels">Channels of the levels and of the hidden convolutions.</param>
    /// <param name="anchors">Anchors at every cell.</param>
    /// <param name="numbers">Outputs for each anchor.</param>
    /// <param name="lastName">Name of the last layer.</param>
    public RetinaNetSubnet(int channels, int anchors, int numbers, string lastName)
    {
        this.numbers = numbers;
        conv = Child("conv", new Sequential(Enumerable.Range(0, Depth)
            .Select(_ => new Sequential(new Conv2d(channels, channels, 3, padding: 1), new ReLU(inPlace: true)))));
        last = Child(lastName, new Conv2d(channels, anchors * numbers, 3, padding: 1));
        DetectionInit.SmallNormal(this);
        // A deviation of 0.01 is made for 256 channels: through four narrower layers the signal would shrink a thousandfold.
        if (channels < PublishedChannels)
        {
            foreach (var layer in conv.NamedModules().Select(static m => m.Value).OfType<Conv2d>())
                Init.KaimingNormal(layer.Weight);
        }
    }

    /// <summary>The last layer.</summary>
    internal Conv2d Last => last;

    /// <summary>The outputs of every anchor, level by level.</summary>
    /// <param name="levels"><c>[N, C, H, W]</c> each.</param>
    /// <returns><c>[N, H·W·A, numbers]</c> float32 for each level, cell after cell; in the caller's scope.</returns>
    public Tensor[] Forward(IReadOnlyList<Tensor> levels)
    {
        var outputs = new Tensor[levels.Count];
        for (var i = 0; i < levels.Count; i++)
        {
            using var scope = new TensorScope();
            outputs[i] = scope.Keep(AnchorOutputs.Flatten(last.Consume(conv.Forward(levels[i])), numbers));
        }

        return outputs;
    }
}

/// <summary>Both subnets. Keys <c>classification_head</c>, <c>regression_head</c>.</summary>
public sealed class RetinaNetHead : Module
{
    // Every anchor begins as an object with this probability, so that the many empty ones do not swamp the first steps (section 4.1).
    private const double Prior = 0.01;

    private readonly RetinaNetSubnet classification;
    private readonly RetinaNetSubnet regression;

    /// <summary>Creates the subnets.</summary>
    /// <param name="channels">Channels of the levels.</param>
    /// <param name="anchors">Anchors at every cell.</param>
    /// <param name="outputs">Classes, K; there is none for background.</param>
    public RetinaNetHead(int channels, int anchors, int outputs)
    {
        classification = Child("classification_head", new RetinaNetSubnet(channels, anchors, outputs, "cls_logits"));
        regression = Child("regression_head", new RetinaNetSubnet(channels, anchors, 4, "bbox_reg"));
        Init.Constant(classification.Last.Bias!, -Math.Log((1 - Prior) / Prior));
    }

    /// <summary>Raw outputs of every anchor of every level, in the caller's scope.</summary>
    /// <param name="levels"><c>[N, C, H, W]</c> each.</param>
    public RetinaNetOutputs Forward(IReadOnlyList<Tensor> levels) => new(classification.Forward(levels), regression.Forward(levels));
}

/// <summary>What RetinaNet says about every anchor, level by level.</summary>
/// <param name="Logits">Class logits, <c>[N, A_l, K]</c> float32 each.</param>
/// <param name="Codes">Box codes relative to the anchors, <c>[N, A_l, 4]</c> float32 each.</param>
public sealed record RetinaNetOutputs(IReadOnlyList<Tensor> Logits, IReadOnlyList<Tensor> Codes);
