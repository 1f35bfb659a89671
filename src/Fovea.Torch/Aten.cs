namespace Fovea.Torch;

/// <summary>The operators of libtorch that are not methods of <see cref="Tensor"/>, under their own names.</summary>
public static partial class Aten;
