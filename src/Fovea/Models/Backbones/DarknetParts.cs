using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Torch.Serialization;

namespace Fovea.Models.Backbones;

/// <summary>What follows the norms of a Darknet; weights do not tell, so that the wrong one loads and misjudges.</summary>
public enum DarknetActivation
{
    /// <summary>A leaky ReLU of slope 0.1: Darknet's own.</summary>
    Leaky,

    /// <summary>Mish: YOLOv4's backbone.</summary>
    Mish,

    /// <summary>A leaky ReLU of slope 0.01: timm's weights.</summary>
    LeakyTimm,
}

/// <summary>How a convolution is found in Darknet's files.</summary>
internal enum DarknetForm
{
    /// <summary>As it is.</summary>
    Same,

    /// <summary>As two, the first and the second half of the outputs.</summary>
    TwoHalves,

    /// <summary>With the two halves of its inputs exchanged.</summary>
    ExchangedInputs,
}

/// <summary>Convolution without bias, batch norm, activation. Keys <c>conv</c>, <c>bn</c>.</summary>
internal sealed class DarknetConvolution : Layer
{
    private readonly ConvolutionNorm normed;
    private readonly Conv2d conv;
    private readonly Layer activation;
    private readonly DarknetForm form;

    public DarknetConvolution(int inChannels, int outChannels, int kernel, DarknetActivation kind, int stride = 1, DarknetForm form = DarknetForm.Same)
    {
        conv = Child("conv", new Conv2d(inChannels, outChannels, kernel, stride, padding: kernel / 2, hasBias: false));
        // Darknet moves its running statistics by a hundredth at a step.
        normed = Pair(conv, Child("bn", new BatchNorm2d(outChannels, momentum: kind == DarknetActivation.LeakyTimm ? 0.1 : 0.01)));
        activation = kind switch
        {
            DarknetActivation.Mish => new Mish(inPlace: true),
            DarknetActivation.LeakyTimm => new LeakyReLU(0.01, inPlace: true),
            _ => new LeakyReLU(0.1, inPlace: true),
        };
        this.form = form;
        Init.KaimingNormal(conv.Weight);
    }

    public int InChannels => conv.InChannels;

    /// <summary>Takes the layer's numbers, as many at a time as asked for, in the order of Darknet's files.</summary>
    public IEnumerable<KeyValuePair<string, TensorData>> Read(Func<long[], TensorData> take)
    {
        var shape = conv.Weight.Shape.ToArray();
        if (form != DarknetForm.TwoHalves)
        {
            foreach (var (name, data) in ReadOne(take, shape))
                yield return KeyValuePair.Create(name, name == "conv.weight" && form == DarknetForm.ExchangedInputs ? Exchange(data) : data);
            yield break;
        }

        long[] half = [shape[0] / 2, .. shape[1..]];
        foreach (var ((name, first), (_, second)) in ReadOne(take, half).ToList().Zip(ReadOne(take, half).ToList()))
            yield return KeyValuePair.Create(name, TensorData.FromArray<float>([.. first.ToArray<float>(), .. second.ToArray<float>()], [2 * first.Shape[0], .. first.Shape.Skip(1)]));
    }

    protected override Tensor Compute(Tensor input) => activation.Consume(normed.Forward(input));

    private static IEnumerable<KeyValuePair<string, TensorData>> ReadOne(Func<long[], TensorData> take, long[] shape)
    {
        foreach (var name in (string[])["bn.bias", "bn.weight", "bn.running_mean", "bn.running_var"])
            yield return KeyValuePair.Create(name, take([shape[0]]));
        yield return KeyValuePair.Create("conv.weight", take(shape));
    }

    private static TensorData Exchange(TensorData weight)
    {
        var values = weight.ToArray<float>();
        var row = values.Length / (int)weight.Shape[0];
        var exchanged = new float[values.Length];
        for (var start = 0; start < values.Length; start += row)
        {
            values.AsSpan(start, row / 2).CopyTo(exchanged.AsSpan(start + row / 2));
            values.AsSpan(start + row / 2, row / 2).CopyTo(exchanged.AsSpan(start));
        }

        return TensorData.FromArray<float>(exchanged, [.. weight.Shape]);
    }
}

/// <summary>1x1 to fewer channels, 3x3 back, added to the input; nothing follows the sum. Keys <c>conv1</c>, <c>conv2</c>.</summary>
internal sealed class DarknetBlock : Layer
{
    private readonly DarknetConvolution conv1;
    private readonly DarknetConvolution conv2;

    public DarknetBlock(int channels, int inner, DarknetActivation kind)
    {
        conv1 = Child("conv1", new DarknetConvolution(channels, inner, 1, kind));
        conv2 = Child("conv2", new DarknetConvolution(inner, channels, 3, kind));
    }

    protected override Tensor Compute(Tensor input)
    {
        var main = conv2.Consume(conv1.Forward(input));
        // The activation's gradient is told from its output, which must stay as it is while training.
        return HasHooks || main.RequiresGrad ? main.Add(input) : main.AddInPlace(input);
    }
}
