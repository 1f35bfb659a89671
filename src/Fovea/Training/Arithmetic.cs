using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Training;

/// <summary>How a run computes: where, in which precision, and in which order pixels lie in memory.</summary>
/// <param name="Device">Where.</param>
/// <param name="Lowered">The type that convolutions and matrix products run in, or null for float32 throughout.</param>
/// <param name="ChannelsLast">Whether the channel is the fastest dimension of images and kernels.</param>
public sealed record Arithmetic(Device Device, Dtype? Lowered, bool ChannelsLast)
{
    /// <summary>float32 on the processor.</summary>
    public static Arithmetic Plain { get; } = new(Device.Cpu, null, false);

    /// <summary>Whether losses must be scaled so that small gradients survive.</summary>
    public bool NeedsLossScaling => Lowered == Dtype.Float16;

    /// <summary>Settles what a recipe leaves open.</summary>
    /// <param name="precision">What the recipe asks for. Auto is bfloat16 where the hardware computes it natively.</param>
    /// <param name="channelsLast">What the recipe asks for; null is where it pays, <see cref="ConvolutionLayout"/>.</param>
    /// <param name="device">Where the run computes.</param>
    /// <exception cref="FoveaException">float16 was asked for on the processor.</exception>
    public static Arithmetic Choose(RecipePrecision precision, bool? channelsLast, Device device)
    {
        Dtype? lowered = precision switch
        {
            RecipePrecision.Fp32 => null,
            RecipePrecision.Bf16 => Dtype.BFloat16,
            RecipePrecision.Fp16 when device.IsCuda => Dtype.Float16,
            RecipePrecision.Fp16 => throw new FoveaException("precision: found fp16 on the cpu, expected auto, fp32 or bf16 there; fp16 needs --device cuda"),
            _ => device.IsCuda || Processor.HasBFloat16 ? Dtype.BFloat16 : null,
        };
        return new Arithmetic(device, lowered, channelsLast ?? ConvolutionLayout.Fastest(device, lowered ?? Dtype.Float32) == MemoryFormat.ChannelsLast);
    }

    /// <summary>Lowers the precision of this thread until the result is disposed.</summary>
    public IDisposable? Enter() => Lowered is { } dtype ? new Autocast(Device, dtype) : null;

    /// <summary>
    /// Prepares a network that is in evaluation for predictions in this precision, until the result is disposed; null when it is
    /// prepared already.
    /// </summary>
    public InferencePlan? Plan(Module model) => InferencePlan.IsPrepared(model) ? null : InferencePlan.Create(model, Lowered ?? Dtype.Float32);

    /// <summary>Images on the run's device in the run's layout; itself where nothing is to be done.</summary>
    public Tensor Place(Tensor images)
    {
        var moved = images.Device == Device ? images : images.To(Device);
        return ChannelsLast && moved.Rank == 4 ? moved.Contiguous(MemoryFormat.ChannelsLast) : moved;
    }

    /// <summary>A batch whose images and targets are on the run's device; made in the open scope.</summary>
    public Batch Place(Batch batch)
    {
        var moved = batch.To(Device);
        return new Batch
        {
            Images = Place(moved.Images),
            Origins = moved.Origins,
            Labels = moved.Labels,
            Maps = moved.Maps,
            PixelWeights = moved.PixelWeights,
            Targets = moved.Targets,
            Samples = moved.Samples,
        };
    }

    /// <summary>"bfloat16, channels last".</summary>
    public override string ToString() =>
        (Lowered switch { Dtype.BFloat16 => "bfloat16", Dtype.Float16 => "float16 with loss scaling", _ => "float32" }) + (ChannelsLast ? ", channels last" : "");
}
