using Fovea.Torch;

namespace Fovea.Models.Segmentation;

/// <summary>Norms of the mean over a picture, which in training need other pictures beside it.</summary>
internal static class PictureMeans
{
    /// <summary>Refuses a single picture in training, whose mean would be normalised with itself.</summary>
    /// <param name="network">The network as a reader knows it.</param>
    /// <param name="isTraining">Whether the norm uses the batch's statistics.</param>
    /// <param name="input">What is averaged, <c>[N, C, H, W]</c>.</param>
    /// <exception cref="FoveaException">There is one picture.</exception>
    public static void CheckBatch(string network, bool isTraining, Tensor input)
    {
        if (!isTraining || input.Shape[0] > 1)
            return;
        throw new FoveaException($"{network}: found a batch of one picture in training, expected two or more: the mean over each picture is "
            + "normalised over the pictures of the batch; choose a 'batch_size' above 1 that leaves no single picture at the end of an epoch");
    }
}
