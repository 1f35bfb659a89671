using Fovea.Models;
using Fovea.Models.Backbones;
using Fovea.Models.Segmentation;
using Fovea.Torch;
using Fovea.Torch.Nn;

namespace Fovea.Tests.Models.Segmentation;

[LeakCheck]
public sealed class RealTimeNetworkTests
{
    private const string BiSeNetCode = """
        def refine(x, k):
            f = unit(x, k + '.conv', padding=1)
            return f * norm(conv(f.mean((2, 3), True), k + '.conv_atten'), k + '.bn_atten').sigmoid()
        def head(x, k, size): return big(conv(unit(x, k + '.conv', padding=1), k + '.conv_out'), size)
        def net(x):
            _, _, m8, m16, m32 = resnet(x, 'cp.resnet.', (2, 2, 2, 2))
            size = x.shape[2:]
            tail = unit(m32.mean((2, 3), True), 'cp.conv_avg')
            c16 = unit(near(refine(m32, 'cp.arm32') + tail, m16.shape[2:]), 'cp.conv_head32', padding=1)
            c8 = unit(near(refine(m16, 'cp.arm16') + c16, m8.shape[2:]), 'cp.conv_head16', padding=1)
            s = unit(x, 'sp.conv1', stride=2, padding=3)
            for i in (2, 3): s = unit(s, f'sp.conv{i}', stride=2, padding=1)
            f = unit(torch.cat([unit(s, 'sp.conv_out'), c8], 1), 'ffm.convblk')
            f = f * norm(conv(f.mean((2, 3), True), 'ffm.conv'), 'ffm.bn').sigmoid() + f
            return {'out': head(f, 'conv_out', size), 'out16': head(c8, 'conv_out16', size), 'out32': head(c16, 'conv_out32', size)}
        """;

    private const string FaNetCode = """
        leaky = lambda x: F.leaky_relu(x, 0.01)
        same = lambda x: x
        def head(x, k): return conv(unit(x, k + '.conv', leaky, padding=1), k + '.conv_out')
        def attend(x, k):
            q = F.normalize(unit(x, k + '.w_qs', same).flatten(2), dim=1, eps=1e-12)
            n = F.normalize(unit(x, k + '.w_ks', same).flatten(2), dim=1, eps=1e-12)
            v = unit(x, k + '.w_vs', leaky).flatten(2)
            # The products in the order that makes all pairs of pixels.
            y = torch.einsum('bkq,bkp,bcp->bcq', q, n, v).view(x.shape)
            return unit(y, k + '.latlayer3', leaky) + x
        def up(x, k, to): return big(unit(x, k + '.up', leaky, padding=1), to.shape[2:], True)
        def smooth(x, k): return unit(x, k + '.smooth', leaky, padding=1)
        shares = {'aux32': 0.5, 'aux16': 0.5}
        def net(x):
            _, m4, m8, m16, m32 = resnet(x, 'resnet.', (2, 2, 2, 2), (2, 2, 2, 2), act=leaky)
            size = x.shape[2:]
            p32 = attend(m32, 'fam_32')
            p16 = attend(m16, 'fam_16'); p16 = p16 + up(p32, 'fam_32', p16)
            p8 = attend(m8, 'fam_8'); p8 = p8 + up(p16, 'fam_16', p8)
            p4 = attend(m4, 'fam_4'); p4 = p4 + up(p8, 'fam_8', p4)
            s16, s4 = smooth(p16, 'fam_16'), smooth(p4, 'fam_4')
            z = head(torch.cat([big(s16, s4.shape[2:], True), s4], 1), 'clslayer')
            return {'out': big(z, size, True), 'aux32': big(head(smooth(p32, 'fam_32'), 'clslayer_32'), size, True),
                    'aux16': big(head(s16, 'clslayer_16'), size, True)}
        """;

    [Theory]
    [InlineData("bisenet_resnet18", BiSeNetCode, 70, 52)]
    [InlineData("fanet_resnet18", FaNetCode, 130, 85)]
    public void Equals_the_same_arithmetic_in_PyTorch(string name, string code, int height, int width)
    {
        using var model = SegmenterContract.Build(name, 5);
        SegmenterParity.Compare(model, code, [2, 3, height, width], 5);
    }

    [Fact]
    public void Have_the_published_numbers_of_parameters_without_the_auxiliary_heads()
    {
        using var skip = Init.Skip();
        using var bisenet = new BiSeNet(ResNet.OfDepth(18), 19, hasAuxiliary: false);
        Assert.Equal(13_275_539, bisenet.ParameterCount());
        using var fanet18 = FaNet.OfDepth(18, 3, 19, hasAuxiliary: false);
        Assert.Equal(13_820_032, fanet18.ParameterCount());
        using var fanet34 = FaNet.OfDepth(34, 3, 19, hasAuxiliary: false);
        Assert.Equal(23_928_192, fanet34.ParameterCount());
        Assert.Equal(["clslayer.conv_out."], fanet34.HeadPrefixes);
    }

    [Theory]
    [InlineData("ffm_32.w_qs.conv.weight", "fam_32.w_qs.conv.weight")]
    [InlineData("clslayer_8.conv_out.weight", "clslayer.conv_out.weight")]
    [InlineData("clslayer_32.conv_out.weight", "clslayer_32.conv_out.weight")]
    [InlineData("resnet.conv1.weight", "resnet.conv1.weight")]
    public void Fanet_loads_the_names_of_its_training_code(string published, string current)
    {
        using var skip = Init.Skip();
        using var model = FaNet.OfDepth(18, 3, 2);
        Assert.Equal(current, model.CurrentName(published));
        Assert.Contains(current, model.StateDict().Select(t => t.Key));
    }

    [Theory]
    [InlineData("bisenet_resnet18")]
    [InlineData("fanet_resnet18")]
    public void Learn_and_take_any_size(string name)
    {
        using var scope = new TensorScope();
        using var model = SegmenterContract.Build(name, 2, inChannels: 1);
        using var batch = SegmenterContract.Batch(3, 1, 61, 90);
        // The released code makes these, and uses neither.
        SegmenterContract.Learns(model, batch, idle: key => key.StartsWith("fam_8.smooth", StringComparison.Ordinal) || key.StartsWith("fam_4.up", StringComparison.Ordinal));
        SegmenterContract.TakesAnySize(model, 1, 2, (1, 1), (33, 7));
        SegmenterContract.KeepsItsScoresInAPlan(model, 1);
    }
}
