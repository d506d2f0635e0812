import { testGrammars } from '../../../test/kit/grammar-table.ts'
import { CONTAINERS } from './containers.ts'

testGrammars(CONTAINERS, {
  docker: {
    reads: [
      'docker ps -a',
      'docker logs -f --tail 100 web',
      "docker inspect -f '{{.Id}}' web",
      'docker images',
      'docker system df',
      'docker container ls',
      'docker --version',
      'docker stats --no-stream',
      'docker top web',
      'docker network inspect bridge',
    ],
    runs: [
      'docker run x',
      'docker exec web id',
      'docker rm web',
      'docker -H tcp://x ps',
      'docker --config x ps',
      'docker -c x ps',
      'docker compose ps',
      'docker top web -o x',
      'docker cp a b',
      'docker context use x',
      'docker image rm x',
      'docker ps --format',
      'docker evil',
      'docker volume prune',
    ],
  },
  crictl: {
    reads: ['crictl ps', 'crictl logs web', 'crictl info'],
    runs: ['crictl rm x', 'crictl exec x id', 'crictl -r unix:///x ps', 'crictl --config x ps'],
  },
})
