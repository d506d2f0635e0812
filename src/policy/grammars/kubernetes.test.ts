import { testGrammars } from '../../../test/kit/grammar-table.ts'
import { KUBERNETES } from './kubernetes.ts'

testGrammars(KUBERNETES, {
  kubectl: {
    reads: [
      'kubectl get pods',
      'kubectl -n web get pods -o wide',
      'kubectl get pods -A -o=yaml',
      "kubectl get pods -o jsonpath='{.items[*].metadata.name}'",
      'kubectl describe pod x',
      'kubectl logs -f web -c app --tail=100',
      'kubectl top pods -n web',
      'kubectl rollout status deploy/web',
      'kubectl config view',
      'kubectl version --client',
      'kubectl auth can-i list pods',
      'kubectl get pods --context prod',
    ],
    runs: [
      'kubectl delete pod x',
      'kubectl apply -f x',
      'kubectl exec web -- id',
      'kubectl --kubeconfig x get pods',
      'kubectl get pods --kubeconfig=x',
      'kubectl get -f http://x/y',
      'kubectl get --raw /x',
      'kubectl get pods -o custom-columns-file=x',
      'kubectl get pods -o go-template-file=x',
      'kubectl config use-context x',
      'kubectl config view --raw',
      'kubectl get pods -s http://x',
      'kubectl get pods --as=x',
      'kubectl rollout restart deploy/web',
      'kubectl cluster-info dump',
      'kubectl evil',
      'kubectl get pods --cache-dir=x',
      'kubectl get pods --profile-output=x',
      'kubectl auth reconcile -f x',
      'kubectl get pods --token=x',
    ],
  },
  helm: {
    reads: ['helm list -A', 'helm status web -n web', 'helm get values web'],
    runs: [
      'helm install x y',
      'helm upgrade x y',
      'helm get values x --post-renderer y',
      'helm list --kubeconfig x',
      'helm show values http://x',
      'helm plugin list',
    ],
  },
})
