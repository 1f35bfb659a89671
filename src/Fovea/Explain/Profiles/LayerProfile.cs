namespace Fovea.Explain;

/// <summary>What a part of a network costs and sees for one picture.</summary>
/// <param name="Name">Its full name, as in the state dict.</param>
/// <param name="Type">Its class.</param>
/// <param name="Output">Sizes of what it gave last, with the batch of 1; empty when it is no layer or did not run.</param>
/// <param name="Fields">What a cell of that sees of the picture along each axis (height, width); empty when it cannot be followed.</param>
/// <param name="Parameters">Trainable scalars in it.</param>
/// <param name="MultiplyAdds">Products added up in it.</param>
/// <param name="Calls">How often it ran.</param>
public sealed record LayerProfile(
    string Name, string Type, IReadOnlyList<long> Output, IReadOnlyList<ReceptiveField> Fields, long Parameters, long MultiplyAdds, int Calls);
