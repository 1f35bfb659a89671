namespace Fovea.Ops;

/// <summary>How the overlap of two boxes A and B is measured; I is their intersection, U their union, C the smallest box around both.</summary>
public enum BoxOverlap
{
    /// <summary>I / U, 0 to 1; 0 for boxes that do not touch.</summary>
    IoU,

    /// <summary>IoU - (|C| - U) / |C|, -1 to 1: tells how far apart boxes are that do not touch (Rezatofighi et al. 2019, eq. 1).</summary>
    GIoU,

    /// <summary>IoU - d² / c², with d the distance of the centres and c the diagonal of C, -1 to 1 (Zheng et al. 2020, eq. 5).</summary>
    DIoU,

    /// <summary>DIoU - αv, where v compares the aspect ratios and α = v / (1 - IoU + v) (Zheng et al. 2020, eq. 8 to 11).</summary>
    CIoU,
}
