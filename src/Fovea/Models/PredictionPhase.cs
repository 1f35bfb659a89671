namespace Fovea.Models;

/// <summary>What a network is at while it predicts.</summary>
public enum PredictionPhase
{
    /// <summary>Its layers run.</summary>
    Network,

    /// <summary>Their raw outputs become boxes, masks, maps or probabilities.</summary>
    OutputDecoding,
}
