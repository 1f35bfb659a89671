using Fovea.Models;
using Fovea.Torch;

namespace Fovea.Explain;

/// <summary>One picture as a network sees it, and the score of it that is to be explained. The network must be in evaluation.</summary>
public sealed class Subject
{
    /// <summary>Poses the question.</summary>
    /// <param name="model">The network; without an <see cref="Torch.Nn.InferencePlan"/>, so that layers give what they were built to give.</param>
    /// <param name="batch">The picture, as a batch of one; it must outlive the subject.</param>
    /// <param name="target">The score.</param>
    /// <exception cref="FoveaException">The network is in training, has a plan, or the batch is not of one picture.</exception>
    public Subject(VisionModel model, Batch batch, ScoreTarget target)
    {
        if (model.IsTraining)
            throw new FoveaException($"explain: found {model.GetType().Name} in training, expected evaluation; call Eval() first");
        if (Torch.Nn.InferencePlan.IsPrepared(model))
            throw new FoveaException($"explain: found {model.GetType().Name} prepared for predictions, expected its own layers; dispose the inference plan first");
        if (batch.Count != 1)
            throw new FoveaException($"explain: found {Counted.Of(batch.Count, "picture")}, expected one");
        (Model, Images, Origin, Target) = (model, batch.Images, batch.Origins[0], target);
    }

    /// <summary>The network.</summary>
    public VisionModel Model { get; }

    /// <summary>The picture, <c>[1, C, H, W]</c>, normalised.</summary>
    public Tensor Images { get; }

    /// <summary>Where it came from.</summary>
    public ImageOrigin Origin { get; }

    /// <summary>The score that is explained.</summary>
    public ScoreTarget Target { get; }

    /// <summary>Size of the network's picture with its padding.</summary>
    public ImageSize Size => new((int)Images.Shape[2], (int)Images.Shape[3]);

    /// <summary>The score of versions of the picture, <c>[N]</c>, differentiable; in the caller's scope.</summary>
    public Tensor Score(Tensor images) => Target.Score(Model, images, Origin);

    /// <summary>How sure the network is of versions of the picture, <c>[N]</c>, not recorded; in the caller's scope.</summary>
    public Tensor Confidence(Tensor images)
    {
        using var noGrad = Autograd.NoGrad();
        return Target.Confidence(Model, images, Origin);
    }
}
